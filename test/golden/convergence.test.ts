import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { evaluate, type TrainOptions } from '../../src/index.js'
import { fit } from '../linear.js'
import { temporaryFolder } from '../train/files.js'

interface Golden {
  source: string
  data: Record<string, { columns: string[]; rows: (number | string)[][] }>
  cases: {
    model: string
    data: string
    options: Pick<TrainOptions, 'loss' | 'l2' | 'quantile'>
    weights: number[][]
    intercept: number[]
    heldOut: number
  }[]
}
const golden = JSON.parse(readFileSync(new URL('convergence.json', import.meta.url), 'utf8')) as Golden
const { write, folder } = temporaryFolder()

/** One step an epoch, from all rows, along the gradient of what scikit-learn minimises. */
const descents = {
  smooth: { optimizer: 'momentum', learningRate: 0.2, schedule: 'constant', epochs: 1000 },
  quantile: { optimizer: 'adam', learningRate: 1, schedule: 'inverse-scaling', scheduleSettings: { power: 1 }, epochs: 2000 },
  hinge: { optimizer: 'adam', learningRate: 0.1, schedule: 'inverse-scaling', epochs: 2000 },
} as const satisfies Record<string, Partial<TrainOptions>>

/**
 * How far a weight may be from scikit-learn's, for y in standard units.
 *
 * Smooth: the penalty alone shrinks an error by 1 − 10·0.2·l2 a step (momentum 0.9 makes ten times the rate), after 1000
 * steps to 2e-9. What is left is the rounding of the gradient in f32, at most 2⁻²² for sums of standard numbers, which
 * moves the minimum by at most that over the least curvature, l2.
 * With kinks the gradient does not fall towards the minimum; the weights go to and fro by about the last learning rate, a
 * weight of Adam in the same direction some steps in a row: four are allowed.
 */
const weightTolerance = { smooth: 2 ** -22 / 0.01, quantile: 4 / 2000, hinge: (4 * 0.1) / Math.sqrt(2000) }

/** Of the held-out loss, relative. Stated: it changes by the mean of dz·(x·Δw), where most terms have either sign. */
const lossTolerance = { smooth: 1e-5, quantile: 2e-3, hinge: 2e-3 }

describe(`trained until it converges, as ${golden.source} does`, () => {
  for (const { model: name, data, options, ...expected } of golden.cases) {
    it(`${name} on ${data} ${JSON.stringify(options)}`, { timeout: 60_000 }, async () => {
      const { columns, rows } = golden.data[data]!
      const csv = (wanted: (row: number) => boolean) =>
        [columns, ...rows.filter((_, row) => wanted(row))].map((fields) => `${fields.join(',')}\n`).join('')
      const train = write(
        'train.csv',
        csv((row) => row % 4 !== 3),
      )
      const heldOut = write(
        'held-out.csv',
        csv((row) => row % 4 === 3),
      )
      const out = `${folder}/model.safetensors`
      const kind = options.loss === 'quantile' || options.loss === 'hinge' ? options.loss : 'smooth'
      const numeric = columns.slice(0, -1)
      const run = { input: train, target: 'y', numeric, batchSize: rows.length, shards: 1, out }
      const model = await fit({ ...run, ...descents[kind], ...options })

      const { target } = model.schema
      // A loss with a logarithmic link takes y in units of its mean, which moves the bias alone.
      const scale = target.kind === 'number' && target.range === undefined ? target.scale : 1
      expected.weights.flat().forEach((weight, i) => {
        const error = Math.abs(model.weights[i]! - weight / scale)
        expect(error, `weight ${i}`).toBeLessThanOrEqual(weightTolerance[kind])
      })
      const { loss } = (await evaluate({ model: out, input: heldOut })).metrics
      expect(Math.abs(loss / expected.heldOut - 1)).toBeLessThanOrEqual(lossTolerance[kind])
    })
  }
})
