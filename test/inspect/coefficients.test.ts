/** Coefficients in the units of the data add up to the score: against the model's own explanation, on real rows. */
import { describe, expect, it } from 'vitest'
import { coefficientsOf, type Coefficient, type ScoreCoefficients } from '../../src/inspect/coefficients.js'
import { fit } from '../../src/index.js'
import type { LossName } from '../../src/loss/index.js'
import type { Model } from '../../src/predicting/node-model.js'
import type { LinearModel } from '../../src/model/index.js'
import { parseDate } from '../../src/schema/dates.js'
import { fieldsOf, realFlights, type Fields } from '../agreement/real-rows.js'
import { ROUNDING } from '../model-use.js'

const training = (await realFlights(1000, 0)).map((flight, i) => fieldsOf(flight, i, false))
const rows = training.slice(0, 300)

async function trained(target: string, loss: LossName, options: object = {}): Promise<Model> {
  const ignore = ['id', 'delay', 'late', 'band', 'minutes', 'trip'].filter((name) => name !== target)
  const interactions = 'origin:destination,origin:distance'
  return fit({
    input: training,
    target,
    loss,
    ignore,
    dates: 'date',
    numeric: 'hour',
    interactions,
    epochs: 2,
    workers: 1,
    shuffle: false,
    ...options,
  })
}

const missing = (text: string): boolean => ['', 'NA', 'null'].includes(text.trim())

/** What a column adds by its coefficients: a number by hand, a category by its name. */
function added(column: string, coefficients: readonly Coefficient[], row: Fields): number {
  const valued = (value: string): Coefficient => coefficients.find((each) => each.value === value)!
  const text = row[column]
  if (column === 'origin:distance') {
    const { coefficient, offset } = valued(missing(row['origin']!) ? '(missing)' : row['origin']!)
    return coefficient * Number(row['distance']) + offset!
  }
  if (column === 'origin:destination') {
    const pair = [row['origin']!, row['destination']!]
    return valued(pair.some(missing) ? '(missing)' : pair.join(':')).coefficient
  }
  if (missing(text!)) return valued('(missing)').coefficient
  if (column === 'date') {
    const numbers = parseDate(text!, NaN)!
    const parts = ['year', 'month', 'weekday', 'hour', 'epoch']
    return parts.reduce(
      (sum, part, i) => sum + coefficients.find((each) => each.part === part)!.coefficient * numbers[i]!,
      0,
    )
  }
  if (column === 'long') return coefficients[0]!.coefficient * (/^(yes|true|t)$/i.test(text!) ? 1 : 0)
  if (column === 'hour' || column === 'distance') return coefficients[0]!.coefficient * Number(text)
  return valued(text!).coefficient
}

describe.each<[string, LossName]>([
  ['delay', 'squared'],
  ['minutes', 'poisson'],
  ['late', 'logistic'],
  ['band', 'softmax'],
])('coefficients for %s, %s', (target, loss) => {
  it('add up to the score', async () => {
    // Streams clamp numbers; the file does not.
    const model = await trained(target, loss)
    const unclamped = { ...model, schema: { ...model.schema } }
    const scores = coefficientsOf(unclamped as LinearModel)
    expect(scores).toHaveLength(model.outputs)
    for (const row of rows) {
      // A missing distance leaves no number to multiply the slope of its origin with.
      if (missing(row['distance']!)) continue
      const { bias, contributions, class: name } = model.explain(row)
      const parts = [bias, ...Object.values(contributions)]
      const expected = parts.reduce((sum, part) => sum + part, 0)
      const { intercept, columns } = scores.find(
        (score) => (score.class ?? name) === name,
      ) as ScoreCoefficients
      const terms = [
        intercept,
        ...columns.map(({ column, coefficients }) => added(column, coefficients, row)),
      ]
      // Terms are far larger than contributions where a mean is far from 0 (the epoch); each is rounded when it was encoded.
      const size = [...parts, ...terms].reduce((sum, term) => sum + Math.abs(term), 0)
      expect(Math.abs(terms.reduce((sum, term) => sum + term, 0) - expected)).toBeLessThanOrEqual(
        40 * ROUNDING * size,
      )
    }
  })
})

describe('coefficients', () => {
  it('know the rows of each value, the column of the greatest effect first', async () => {
    const model = await trained('late', 'logistic')
    const [{ columns }] = coefficientsOf(model as LinearModel) as [ScoreCoefficients]
    const effects = columns.map(({ effect }) => effect)
    expect(effects).toEqual([...effects].sort((a, b) => b - a))
    const { coefficients } = columns.find(({ column }) => column === 'destination')!
    for (const { value, rows: count } of coefficients.filter(({ value }) => !/^\(/.test(value!))) {
      expect(count).toBe(training.filter(({ destination }) => destination === value).length)
    }
    const sizes = coefficients.map(({ coefficient }) => Math.abs(coefficient))
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  })

  it('tell the effect of a category by the deviation over the rows', async () => {
    const model = await trained('late', 'logistic', { interactions: undefined })
    const [{ columns }] = coefficientsOf(model as LinearModel) as [ScoreCoefficients]
    const { effect } = columns.find(({ column }) => column === 'origin')!
    const added = training.map((row) => model.explain(row).contributions['origin']!)
    const mean = added.reduce((sum, each) => sum + each, 0) / added.length
    const variance = added.reduce((sum, each) => sum + (each - mean) ** 2, 0) / added.length
    expect(effect).toBeCloseTo(Math.sqrt(variance), 10)
  })

  it('of shared buckets are those in use, the heaviest of them', async () => {
    const model = await trained('late', 'logistic', { hashBits: 8, interactions: undefined })
    const [{ columns }] = coefficientsOf(model as LinearModel) as [ScoreCoefficients]
    const shared = columns.find(({ kind }) => kind === 'buckets')!
    const weights = [...model.categoryWeights.subarray(0, 256)].filter((weight) => weight !== 0)
    expect(shared.bucketsInUse).toBe(weights.length)
    expect(shared.coefficients).toHaveLength(20)
    expect(Math.abs(shared.coefficients[0]!.coefficient)).toBe(Math.max(...weights.map(Math.abs)))
  })
})
