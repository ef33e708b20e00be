/** Contributions add up to what is predicted: the sum, in f64, against the model's own prediction. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fit, loadModel, type Model } from '../../src/index.js'
import type { LossName } from '../../src/loss/index.js'
import { ROUNDING, readCsv } from '../model-use.js'
import { fieldsOf, realFlights, type Fields } from '../agreement/real-rows.js'

const rows: Fields[] = (await realFlights(500, 3000)).map((flight, i) => fieldsOf(flight, i, true))
const training = (await realFlights(500, 0)).map((flight, i) => fieldsOf(flight, i, false))

function trained(target: string, loss: LossName): Promise<Model> {
  const ignore = ['id', 'delay', 'late', 'band', 'minutes', 'trip'].filter((name) => name !== target)
  const options = {
    dates: 'date',
    interactions: 'origin:destination,origin:distance',
    numeric: 'hour',
    epochs: 2,
    workers: 1,
  }
  return fit({ ...options, input: training, target, loss, ignore })
}

/** The sum of bias and contributions, and how far roundings to f32 may have moved it. */
function sumOf({ bias, contributions }: ReturnType<Model['explain']>): { sum: number; error: number } {
  const parts = [bias, ...Object.values(contributions)]
  const size = parts.reduce((sum, part) => sum + Math.abs(part), 0)
  // Each feature is rounded as a product and in two sums (here and in the score), each part once more in its units.
  return { sum: parts.reduce((sum, part) => sum + part, 0), error: 40 * ROUNDING * size }
}

describe('contributions', () => {
  it.each([
    ['delay', 'squared', (prediction: number) => prediction],
    ['minutes', 'poisson', (prediction: number) => Math.log(prediction)],
    ['trip', 'gamma', (prediction: number) => Math.log(prediction)],
  ] as const)(
    'of %s with the loss %s add up to the prediction, or its logarithm',
    async (target, loss, scoreOf) => {
      const model = await trained(target, loss)
      for (const row of rows) {
        const { sum, error } = sumOf(model.explain(row))
        const expected = scoreOf(model.predict(row).prediction as number)
        // A prediction is rounded too: of a logarithm that is an absolute error.
        expect(Math.abs(sum - expected)).toBeLessThanOrEqual(
          error + 4 * ROUNDING * Math.max(1, Math.abs(expected)),
        )
      }
    },
  )

  it('of two classes are for the second one', async () => {
    const model = await trained('late', 'logistic')
    for (const row of rows) {
      const explanation = model.explain(row)
      const { sum, error } = sumOf(explanation)
      expect(explanation.class).toBe('yes')
      // The logit of p has the slope 1 / (p(1 − p)).
      const p = model.predict(row).probabilities!['yes']!
      expect(Math.abs(sum - Math.log(p / (1 - p)))).toBeLessThanOrEqual(
        error + (4 * ROUNDING * p) / (p * (1 - p)),
      )
    }
  })

  it('of several classes are for the one that is predicted, and name every column once', async () => {
    const model = await trained('band', 'softmax')
    const explanations = rows.map((row) => model.explain(row))
    expect(explanations.map((each) => each.class)).toEqual(
      model.predict(rows).map(({ prediction }) => prediction),
    )
    expect(Object.keys(explanations[0]!.contributions)).toEqual([
      'date',
      'hour',
      'long',
      'distance',
      'origin',
      'destination',
      'note',
      'origin:destination',
      'origin:distance',
    ])
  })

  it('are not those of a network', async () => {
    const folder = new URL('../golden/format-1/', import.meta.url)
    const network = await loadModel(readFileSync(new URL('network-numbers.model', folder)))
    const [row] = await readCsv(readFileSync(new URL('rows.csv', folder), 'utf8'))
    expect(() => network.explain(row!)).toThrow('explain: expected a linear model, got a network')
  })
})
