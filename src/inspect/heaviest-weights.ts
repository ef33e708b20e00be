import type { LinearModel } from '../model/index.js'
import { interactionSides, shownPair } from '../schema/interactions.js'
import {
  categoryCount,
  denseFeatures,
  featureColumns,
  type CategorySlot,
  type Schema,
} from '../schema/schema.js'

/** What a feature adds to the score; for a target that is a number, in the target's units, or to its logarithm where that is what is predicted. */
export interface HeavyWeight {
  readonly column: string
  /** Of a date: which of its numbers. */
  readonly part?: string
  /** Of a category or an interaction: its value (a pair is `JFK:LAX`), `(missing)`, or `(others, bucket 3)`; of buckets that all columns share, `(bucket 3)`. Of a number: `(missing)`, or nothing. */
  readonly value?: string
  /** Where there are several scores: the class. */
  readonly class?: string
  /** For a number, or its slope in a category: of one `scale` of the column, its standard deviation in the sample. The list is sorted by its size. */
  readonly weight: number
  /** The same, of one unit of the column. */
  readonly weightPerUnit?: number
}

const MOST_WEIGHTS = 20

/** Of the number that multiplies the weights of a category slot; undefined where none does. */
function scaleOf(schema: Schema, slot: CategorySlot): number | undefined {
  if (slot.kind === 'category') return undefined
  const factor = interactionSides(schema.columns, slot.columns)?.factor
  return denseFeatures(schema).find(({ column }) => column === factor)?.scaling?.scale
}

/** The weights that say most, in the data's own units, the heaviest first; at most 20. Time grows with the parameters. */
export function heaviestWeights(model: LinearModel): HeavyWeight[] {
  const { schema, outputs, categoryWeights } = model
  const { target } = schema
  const unit = target.kind === 'number' && target.range === undefined ? target.scale : 1
  const classOf = (k: number) =>
    schema.target.kind === 'number' || outputs === 1 ? {} : { class: schema.target.classes[k]! }
  const heavy = new Heaviest()
  numberWeights(model, unit, classOf, heavy)
  let first = 0
  const offer = (column: string, count: number, valueOf: (i: number) => string, scale?: number): void => {
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < outputs; k++) {
        const weight = categoryWeights[(first + i) * outputs + k]! * unit
        heavy.offer(weight, () => ({
          column,
          value: valueOf(i),
          ...classOf(k),
          weight,
          ...(scale === undefined ? {} : { weightPerUnit: weight / scale }),
        }))
      }
    }
    first += count
  }
  offer('(all categories)', schema.sharedBuckets ?? 0, (i) => `(bucket ${i})`)
  for (const slot of featureColumns(schema).categories) {
    const { name, values, buckets } = slot
    offer(name, categoryCount(slot), (i) => valueName(values, buckets, i), scaleOf(schema, slot))
  }
  return heavy.list
}

function numberWeights(
  { schema, outputs, weights }: LinearModel,
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
  if (i < values.length) return shownPair(values[i]!)
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
