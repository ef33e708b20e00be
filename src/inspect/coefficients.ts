import type { LinearModel } from '../model/index.js'
import { log } from '../numeric/log.js'
import { interactionSides, shownPair } from '../schema/interactions.js'
import {
  categoryCount,
  denseFeatures,
  featureColumns,
  isNumber,
  type CategorySlot,
  type DenseColumn,
  type Scaling,
  type Schema,
} from '../schema/schema.js'
import { lossFacts } from '../loss/index.js'

/** What one unit of a number, or one value of a category, adds. */
export interface Coefficient {
  /** Of a date: which of its numbers. */
  readonly part?: string
  /** Of a category: the value (a pair is `JFK:LAX`), `(others, bucket 3)` or `(missing)`; of a number `(missing)`, in place of coefficient · number. */
  readonly value?: string
  readonly coefficient: number
  /** Of a slope in a category: what is added besides slope · number. */
  readonly offset?: number
  /** Rows of this value that the model was trained on, where the model knows. */
  readonly rows?: number
}

/** The coefficients of a column or an interaction, the largest first. */
export interface ColumnCoefficients {
  readonly column: string
  readonly kind: 'number' | 'boolean' | 'date' | 'category' | 'interaction' | 'buckets'
  /**
   * How much it moves the score: a number by its deviation, a category by the deviation of its coefficients over the rows
   * (where these are not known, over the values).
   */
  readonly effect: number
  /** Those that are 0 because no row taught them are left out of buckets. */
  readonly coefficients: readonly Coefficient[]
  /** Buckets with a coefficient that is not 0. */
  readonly bucketsInUse?: number
}

/** One score: its intercept and what every column adds, the column of the greatest effect first. */
export interface ScoreCoefficients {
  /** Where there are several scores: the class. */
  readonly class?: string
  readonly intercept: number
  readonly columns: readonly ColumnCoefficients[]
}

/** Of buckets, which have no name, these many of the heaviest. */
const MOST_BUCKETS = 20

/**
 * A linear model in the units of the data, the standardisation undone:
 *
 *     score = intercept + Σ coefficient · number + Σ coefficient of the category
 *
 * Numbers: the score is the prediction, or its logarithm where the loss has a log link. Two classes: the log odds, or the
 * margin, of the second. A number that is missing adds its `(missing)` in place of coefficient · number. It holds where
 * no number is clamped (`limit`).
 */
export function coefficientsOf(model: LinearModel): ScoreCoefficients[] {
  const { schema, outputs, bias } = model
  const { target } = schema
  const { unit, offset } = unitsOf(model)
  return Array.from({ length: outputs }, (_, k) => {
    const numbers = numberCoefficients(model, k, unit)
    const columns = [...numbers.columns, ...slotCoefficients(model, k, unit)]
    return {
      ...(target.kind === 'number' || outputs === 1 ? {} : { class: target.classes[k]! }),
      intercept: (bias[k]! + numbers.shift) * unit + offset,
      columns: columns.sort((a, b) => b.effect - a.effect),
    }
  })
}

/** A score of 1 in the units of what is predicted, and what a score of 0 is in them. */
function unitsOf({ loss, schema: { target } }: LinearModel): { unit: number; offset: number } {
  if (target.kind !== 'number') return { unit: 1, offset: 0 }
  const isLog = lossFacts(loss).kernel.predict === 'predictMean'
  return isLog ? { unit: 1, offset: log(target.scale) } : { unit: target.scale, offset: target.mean }
}

/** Those of the dense columns, and what their means take from the intercept. */
function numberCoefficients(
  { schema, weights, outputs }: LinearModel,
  k: number,
  unit: number,
): { columns: ColumnCoefficients[]; shift: number } {
  const dense = weights.length / outputs
  let [d, shift] = [k * dense, 0]
  const columns = featureColumns(schema).numbers.map((column): ColumnCoefficients => {
    const { scalings, names } = partsOf(column)
    const parts = scalings.map((scaling, i) => ({ part: names[i], scaling, weight: weights[d++]! }))
    const ofMissing = column.indicator ? weights[d++]! : 0
    const takenOff = parts.map(({ scaling, weight }) => (weight * scaling.mean) / scaling.scale)
    takenOff.forEach((taken) => (shift -= taken))
    // In place of coefficient · number stands what fill adds, and what its mean has taken from the intercept is given back.
    const missing = parts.reduce(
      (sum, { scaling, weight }, i) => sum + weight * scaling.fill + takenOff[i]!,
      ofMissing,
    )
    return {
      column: column.name,
      kind: column.kind,
      effect: Math.sqrt(parts.reduce((sum, { weight }) => sum + (weight * unit) ** 2, 0)),
      coefficients: [
        ...parts.map(({ part, scaling, weight }) => ({
          ...(part === undefined ? {} : { part }),
          coefficient: (weight / scaling.scale) * unit,
        })),
        { value: '(missing)', coefficient: missing * unit },
      ],
    }
  })
  return { columns, shift }
}

function partsOf(column: DenseColumn): { scalings: readonly Scaling[]; names: (string | undefined)[] } {
  if (isNumber(column)) return { scalings: [column], names: [undefined] }
  return { scalings: column.parts, names: ['year', 'month', 'weekday', 'hour', 'epoch'] }
}

/** Those of the category columns and interactions, and of the buckets that all of them share. */
function slotCoefficients(model: LinearModel, k: number, unit: number): ColumnCoefficients[] {
  const { schema, outputs, categoryWeights } = model
  const { sharedBuckets = 0 } = schema
  const weightsFrom = (first: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => categoryWeights[(first + i) * outputs + k]! * unit)
  let first = sharedBuckets
  const slots = featureColumns(schema).categories.map((slot) => {
    const weights = weightsFrom(first, categoryCount(slot))
    first += weights.length
    return ofSlot(schema, slot, weights)
  })
  if (sharedBuckets === 0) return slots
  const shared = heaviestBuckets(weightsFrom(0, sharedBuckets), (i) => `(bucket ${i})`)
  const effect = Math.abs(shared.coefficients[0]?.coefficient ?? 0)
  return [{ column: '(all categories)', kind: 'buckets', effect, ...shared }, ...slots]
}

function ofSlot(schema: Schema, slot: CategorySlot, weights: Float64Array): ColumnCoefficients {
  const { name, kind, values, buckets, counts, missing } = slot
  const factor = factorOf(schema, slot)
  const slope = (weight: number): Pick<Coefficient, 'coefficient' | 'offset'> =>
    factor === undefined
      ? { coefficient: weight }
      : { coefficient: weight / factor.scale, offset: (-weight * factor.mean) / factor.scale }
  const rows = (count: number | undefined) => (count === undefined ? {} : { rows: count })
  const named = values.map((value, i) => ({
    value: shownPair(value),
    ...slope(weights[i]!),
    ...rows(counts?.[i]),
  }))
  const bucketed = heaviestBuckets(
    weights.subarray(values.length, values.length + buckets),
    (i) => `(others, bucket ${i})`,
  )
  const unknown = { value: '(missing)', ...slope(weights[weights.length - 1]!), ...rows(missing) }
  const coefficients = [
    ...named,
    ...bucketed.coefficients.map(({ coefficient, ...others }) => ({ ...others, ...slope(coefficient) })),
    unknown,
  ]
  return {
    column: name,
    kind,
    effect: deviation(weights, counts, missing),
    coefficients: coefficients.sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient)),
    ...(buckets > 0 ? { bucketsInUse: bucketed.bucketsInUse } : {}),
  }
}

/** The number that multiplies the weights of a slot; undefined where none does. */
function factorOf(schema: Schema, slot: CategorySlot): Scaling | undefined {
  if (slot.kind === 'category') return undefined
  const factor = interactionSides(schema.columns, slot.columns)?.factor
  return denseFeatures(schema).find(({ column }) => column === factor)?.scaling
}

/** The weights of the values and of "missing", each counted as often as rows have it, or once. */
function deviation(
  weights: Float64Array,
  counts: readonly number[] | undefined,
  missing: number | undefined,
): number {
  const known = counts !== undefined && missing !== undefined
  const last = weights.length - 1
  const shares: [weight: number, rows: number][] = known
    ? [...counts.map((rows, i): [number, number] => [weights[i]!, rows]), [weights[last]!, missing]]
    : [...weights].flatMap((weight): [number, number][] => (weight === 0 ? [] : [[weight, 1]]))
  const total = shares.reduce((sum, [, rows]) => sum + rows, 0)
  if (total === 0) return 0
  const mean = shares.reduce((sum, [weight, rows]) => sum + weight * rows, 0) / total
  return Math.sqrt(shares.reduce((sum, [weight, rows]) => sum + rows * (weight - mean) ** 2, 0) / total)
}

function heaviestBuckets(
  weights: Float64Array,
  nameOf: (i: number) => string,
): { bucketsInUse: number; coefficients: Coefficient[] } {
  let bucketsInUse = 0
  let heavy: [i: number, weight: number][] = []
  weights.forEach((weight, i) => {
    if (weight === 0) return
    bucketsInUse++
    heavy.push([i, weight])
    // Cut now and then: there may be millions.
    if (heavy.length >= 64 * MOST_BUCKETS) heavy = heaviest(heavy)
  })
  return {
    bucketsInUse,
    coefficients: heaviest(heavy).map(([i, coefficient]) => ({ value: nameOf(i), coefficient })),
  }
}

function heaviest(weights: [i: number, weight: number][]): [i: number, weight: number][] {
  return weights.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, MOST_BUCKETS)
}
