import type { LossName } from '../loss/index.js'
import type { Model, Provenance } from '../model/index.js'
import {
  denseFeatures,
  featureColumns,
  type ColumnSchema,
  type Dialect,
  type TargetColumn,
} from '../schema/schema.js'

/** What a model file holds, in the words of its users; plain data. */
export interface ModelInspection extends Provenance {
  readonly kind: 'model'
  readonly file: string
  readonly loss: LossName
  readonly dialect: Dialect
  readonly target: TargetColumn
  readonly columns: readonly ModelColumn[]
  /** Weights and biases. */
  readonly parameters: number
  /** Largest first. */
  readonly heaviest: readonly HeavyWeight[]
}

/** A column as the model reads it; a vocabulary is told by its size. */
export type ModelColumn =
  | Exclude<ColumnSchema, { kind: 'category' }>
  | { kind: 'category'; name: string; values: number; buckets: number }

/** What a feature adds to the score; for a target that is a number, in the target's units. */
export interface HeavyWeight {
  readonly column: string
  /** Of a date: which of its numbers. */
  readonly part?: string
  /** Of a category: its value, `(missing)`, or `(others, bucket 3)`. Of a number: `(missing)`, or nothing. */
  readonly value?: string
  /** Where there are several scores: the class. */
  readonly class?: string
  /** For a number: of one `scale` of the column, its standard deviation in the sample. The list is sorted by its size. */
  readonly weight: number
  /** For a number: of one unit of the column. */
  readonly weightPerUnit?: number
}

const MOST_WEIGHTS = 20

/** Says what a model is. Time grows with its parameters. */
export function inspectModel(file: string, model: Model): ModelInspection {
  const { schema, loss, outputs, provenance } = model
  return {
    kind: 'model',
    file,
    loss,
    target: schema.target,
    columns: schema.columns.map(describeColumn),
    parameters: model.weights.length + outputs + model.categoryWeights.length,
    heaviest: heaviestWeights(model),
    ...provenance,
    dialect: schema.dialect,
  }
}

function describeColumn(column: ColumnSchema): ModelColumn {
  if (column.kind !== 'category') return column
  return { kind: 'category', name: column.name, values: column.values.length, buckets: column.buckets }
}

function heaviestWeights(model: Model): HeavyWeight[] {
  const { schema, outputs, categoryWeights } = model
  const unit = schema.target.kind === 'number' ? schema.target.scale : 1
  const classOf = (k: number) =>
    schema.target.kind === 'number' || outputs === 1 ? {} : { class: schema.target.classes[k]! }
  const heavy = new Heaviest()
  numberWeights(model, unit, classOf, heavy)
  let first = 0
  for (const { name, values, buckets } of featureColumns(schema).categories) {
    const count = values.length + buckets + 1
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < outputs; k++) {
        const weight = categoryWeights[(first + i) * outputs + k]! * unit
        heavy.offer(weight, () => ({
          column: name,
          value: valueName(values, buckets, i),
          ...classOf(k),
          weight,
        }))
      }
    }
    first += count
  }
  return heavy.list
}

function numberWeights(
  { schema, outputs, weights }: Model,
  unit: number,
  classOf: (k: number) => { class?: string },
  heavy: Heaviest,
): void {
  const dense = weights.length / outputs
  denseFeatures(schema).forEach(({ column, part, scaling }, d) => {
    for (let k = 0; k < outputs; k++) {
      const weight = weights[k * dense + d]! * unit
      heavy.offer(weight, () => ({
        column,
        ...(part === undefined ? {} : { part }),
        ...(scaling === undefined ? { value: '(missing)' } : {}),
        ...classOf(k),
        weight,
        ...(scaling === undefined ? {} : { weightPerUnit: weight / scaling.scale }),
      }))
    }
  })
}

function valueName(values: readonly string[], buckets: number, i: number): string {
  if (i < values.length) return values[i]!
  return i === values.length + buckets ? '(missing)' : `(others, bucket ${i - values.length})`
}

/** The weights of the greatest size, 0 left out; of equal ones the first. */
class Heaviest {
  readonly list: HeavyWeight[] = []

  offer(weight: number, describe: () => HeavyWeight): void {
    const size = Math.abs(weight)
    if (size === 0) return
    const least = this.list[MOST_WEIGHTS - 1]
    if (least !== undefined && Math.abs(least.weight) >= size) return
    let at = this.list.length
    while (at > 0 && Math.abs(this.list[at - 1]!.weight) < size) at--
    this.list.splice(at, 0, describe())
    this.list.length = Math.min(this.list.length, MOST_WEIGHTS)
  }
}
