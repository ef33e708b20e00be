/** Every loss from the CSV to predictions and metrics. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { loadTrainedModel } from '../../src/artifact/index.js'
import { evaluate, fit, inspect, predict, train } from '../../src/index.js'
import type { LossName } from '../../src/loss/index.js'
import type { TrainOptions } from '../../src/options.js'
import { readCsv } from '../model-use.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** Amounts in three groups of 300 rows; group a has zeros among them. Positive ones are far from 1: their mean is above 1e5. */
const groups = ['a', 'b', 'c']
const rows = Array.from({ length: 900 }, (_, i) => {
  const group = i % 3
  const amount = Math.round(1000 * (1 + 40 * group) * (1 - 4 * Math.log(1 - scattered(i)))) + 1
  return { group: groups[group]!, amount, some: i % 5 === 0 ? 0 : amount }
})
const input = write(
  'amounts.csv',
  `group,amount,some\n${rows.map((row) => `${row.group},${row.amount},${row.some}`).join('\n')}`,
)

/** Long enough for the weights of three groups to come to rest. */
const untilRest = { batchSize: 900, optimizer: 'adam', learningRate: 0.1, epochs: 300, workers: 1 } as const

/** For losses whose gradient does not grow smaller on the way to rest. */
const smallerAndSmaller = { schedule: 'inverse-scaling', optimizer: 'adagrad', learningRate: 1 } as const

async function predictionsByGroup(options: Partial<TrainOptions> & { target: string }) {
  const model = join(folder, `${options.loss}.safetensors`)
  await fit({ input, features: 'group', out: model, ...untilRest, ...options })
  const out = join(folder, 'predictions.csv')
  await predict({ model, input, keep: 'group', out, workers: 1 })
  const records = await readCsv(readFileSync(out, 'utf8'))
  const byGroup = new Map(records.map(({ group, prediction }) => [group!, Number(prediction)]))
  return { model, byGroup }
}

function valuesOf(group: string, column: 'amount' | 'some'): number[] {
  return rows.filter((row) => row.group === group).map((row) => row[column])
}

const mean = (values: readonly number[]): number => values.reduce((sum, y) => sum + y, 0) / values.length

describe('at rest, a weight for each group predicts', () => {
  // Where the gradient is 0, Σ (μ − y)·μ^(1−p) = 0 over each group: μ is its mean, whatever the power.
  it.each<[LossName, 'amount' | 'some', Partial<TrainOptions>]>([
    ['squared', 'amount', {}],
    ['poisson', 'some', {}],
    ['gamma', 'amount', {}],
    ['tweedie', 'some', { tweediePower: 1.3 }],
  ])('the mean of the group, with loss %s', async (loss, target, options) => {
    const { byGroup } = await predictionsByGroup({ target, loss, ...options })
    // The last steps move a weight by less than a thousandth.
    for (const group of groups) {
      const expected = mean(valuesOf(group, target))
      expect(Math.abs(byGroup.get(group)! / expected - 1), group).toBeLessThan(0.01)
    }
  })

  it('the quantile of the group', async () => {
    const { model, byGroup } = await predictionsByGroup({
      target: 'amount',
      loss: 'quantile',
      quantile: 0.8,
      ...smallerAndSmaller,
    })
    for (const group of groups) {
      const below = valuesOf(group, 'amount').filter((y) => y <= byGroup.get(group)!).length / 300
      expect(Math.abs(below - 0.8), group).toBeLessThan(0.02)
    }
    const { metrics } = await evaluate({ model, input, workers: 1 })
    expect(Object.keys(metrics)).toEqual(['loss', 'pinball', 'coverage', 'rmse', 'mae', 'r2'])
    expect(Math.abs(metrics['coverage']! - 0.8)).toBeLessThan(0.02)
  })

  it('less than the mean where outliers are large, with loss huber', async () => {
    const { byGroup } = await predictionsByGroup({
      target: 'amount',
      loss: 'huber',
      huberDelta: 10_000,
      ...smallerAndSmaller,
    })
    for (const group of groups) {
      const values = valuesOf(group, 'amount').sort((a, b) => a - b)
      const prediction = byGroup.get(group)!
      // Where the gradient is 0: the pulls of the errors, held to ±δ, are in balance (by hand).
      const pull = mean(values.map((y) => Math.min(Math.max(y - prediction, -10_000), 10_000)))
      expect(Math.abs(pull), group).toBeLessThan(100)
      expect(prediction).toBeLessThan(mean(values))
    }
  })
})

describe('a loss that predicts the logarithm', () => {
  it('starts from the mean of the target, however large that is', async () => {
    const options = {
      input,
      target: 'amount',
      loss: 'gamma',
      features: 'group',
      ...untilRest,
      epochs: 1,
    } as const
    const events = await lastValueFrom(train(options).pipe(toArray()))
    const first = events.find(({ type }) => type === 'step')
    const average = mean(rows.map(({ amount }) => amount))
    // By hand: half the gamma deviance with μ = the mean for all; the weights are f32, 900 of them add up in f64.
    const expected = mean(rows.map(({ amount: y }) => y / average - 1 - Math.log(y / average)))
    expect(first?.type === 'step' && Math.abs(first.loss / expected - 1)).toBeLessThan(1e-5)
  })

  it('is evaluated by its deviance, in the units of the data', async () => {
    const { model, byGroup } = await predictionsByGroup({ target: 'some', loss: 'poisson' })
    const { metrics } = await evaluate({ model, input, workers: 1 })
    expect(Object.keys(metrics)).toEqual(['loss', 'deviance', 'rmse', 'mae', 'r2'])
    // By hand: 2·(y·log(y/μ) − y + μ).
    const deviance = mean(
      rows.map(({ group, some: y }) => {
        const mu = byGroup.get(group)!
        return 2 * ((y === 0 ? 0 : y * Math.log(y / mu)) - y + mu)
      }),
    )
    expect(Math.abs(metrics['deviance']! / deviance - 1)).toBeLessThan(1e-5)
    expect(metrics['deviance']).toBe(2 * metrics.loss)
  })

  it.each<[LossName, string, string]>([
    ['poisson', '-1', 'expected a target of at least 0, found "-1"'],
    ['tweedie', '-0.5', 'expected a target of at least 0, found "-0.5"'],
    ['gamma', '0', 'expected a target above 0, found "0"'],
    ['gamma', '-3', 'expected a target above 0, found "-3"'],
  ])('with %s, refuses the target %s, and says where it is', async (loss, value, message) => {
    const given = write('wrong.csv', `x,y\n1,2\n2,${value}\n3,4\n`)
    const options = { input: given, target: 'y', loss, epochs: 1, workers: 1 } as const
    await expect(fit(options)).rejects.toMatchObject({
      code: 'TARGET_OUT_OF_RANGE',
      message,
      place: { file: given, line: 3, byte: 10, column: 'y' },
    })
    const { provenance } = await fit({ ...options, onBadRow: 'skip' })
    expect(provenance.rows).toMatchObject({ read: 3, trained: 2, skipped: 1 })
  })

  it('refuses them in evaluate too', async () => {
    const given = write('right.csv', 'x,y\n1,2\n2,3\n3,4\n')
    const model = join(folder, 'gamma.safetensors')
    await fit({ input: given, target: 'y', loss: 'gamma', epochs: 1, workers: 1, out: model })
    const wrong = write('later.csv', 'x,y\n1,2\n2,0\n')
    await expect(evaluate({ model, input: wrong, workers: 1 })).rejects.toMatchObject({
      code: 'TARGET_OUT_OF_RANGE',
      place: { line: 3 },
    })
  })
})

describe('the weights that inspect shows', () => {
  it('are in units of the target, and of its logarithm where that is predicted', async () => {
    const shown = async (loss: LossName) => {
      const out = join(folder, 'shown.safetensors')
      const model = await fit({
        input,
        target: 'amount',
        features: 'group',
        loss,
        epochs: 1,
        workers: 1,
        out,
      })
      const found = await inspect(out)
      const heaviest = found.kind === 'model' ? found.heaviest[0]!.weight : NaN
      const scale = model.schema.target.kind === 'number' ? model.schema.target.scale : NaN
      return { size: Math.abs(heaviest), scale, largest: Math.max(...model.categoryWeights.map(Math.abs)) }
    }
    const squared = await shown('squared')
    expect(squared.size).toBe(squared.largest * squared.scale)
    const gamma = await shown('gamma')
    expect(gamma.size).toBe(gamma.largest)
  })
})

describe('a hinge loss', () => {
  const sides = write(
    'sides.csv',
    `x,side\n${Array.from({ length: 200 }, (_, i) => `${i - 99.5},${i < 100 ? 'left' : 'right'}`).join('\n')}`,
  )

  it.each<LossName>(['hinge', 'squared-hinge'])('predicts a class and a score: %s', async (loss) => {
    const model = join(folder, 'hinge.safetensors')
    await fit({ input: sides, target: 'side', loss, epochs: 30, workers: 1, out: model })
    const out = join(folder, 'sides-predicted.csv')
    await predict({ model, input: sides, keep: 'side', out, workers: 1 })
    const records = await readCsv(readFileSync(out, 'utf8'))
    expect(Object.keys(records[0]!)).toEqual(['side', 'prediction', 'score'])
    for (const { prediction, score } of records) expect(prediction).toBe(Number(score) > 0 ? 'right' : 'left')
    const right = records.filter(({ side, prediction }) => side === prediction).length
    const { metrics } = await evaluate({ model, input: sides, workers: 1 })
    expect(Object.keys(metrics)).toEqual(['loss', 'auc', 'accuracy', 'precision', 'recall', 'f1'])
    expect(metrics['accuracy']).toBe(right / 200)
    // The side follows the order of x.
    expect(metrics['auc']).toBe(1)
  })
})

describe('the settings of a loss', () => {
  it('are kept in the model file, and shown', async () => {
    const out = join(folder, 'settings.safetensors')
    await fit({ input, target: 'amount', loss: 'huber', huberDelta: 1500, epochs: 1, workers: 1, out })
    expect(await loadTrainedModel(out)).toMatchObject({ loss: 'huber', lossSettings: { huberDelta: 1500 } })
    expect(await inspect(out)).toMatchObject({ loss: 'huber', lossSettings: { huberDelta: 1500 } })
  })

  it('are, for huber, one deviation of the target where none is given', async () => {
    const { schema, lossSettings } = await fit({
      input,
      target: 'amount',
      loss: 'huber',
      epochs: 1,
      workers: 1,
    })
    expect(schema.target.kind === 'number' && schema.target.scale).toBe(lossSettings['huberDelta'])
  })

  it.each<[Partial<TrainOptions>, RegExp]>([
    [
      { loss: 'squared', huberDelta: 1 },
      /^huberDelta: it is a setting of the loss huber, and the loss is squared/,
    ],
    [
      { quantile: 0.9 },
      /^quantile: it is a setting of the loss quantile, and the loss is chosen by the target/,
    ],
  ])('mean nothing to another loss: %j', async (options, message) => {
    await expect(fit({ input, target: 'amount', ...options })).rejects.toThrow(message)
  })
})

describe('the plain TypeScript reference', () => {
  it.each<[LossName, Partial<TrainOptions>]>([
    ['huber', { huberDelta: 2000 }],
    ['quantile', { quantile: 0.9 }],
    ['poisson', {}],
    ['gamma', {}],
    ['tweedie', {}],
  ])('learns what the kernel learns, with loss %s', async (loss, options) => {
    const run = {
      input,
      target: 'amount',
      features: 'group',
      loss,
      epochs: 3,
      batchSize: 64,
      workers: 1,
      ...options,
    }
    const [kernel, reference] = await Promise.all(
      (['wasm', 'reference'] as const).map((backend) => fit({ ...run, backend })),
    )
    // 45 steps of 0.1 and less, each off by some roundings of f32 of weights below 4; a quantile's gradient may jump at a row.
    const tolerance = loss === 'quantile' ? 0.02 : 1e-4
    kernel!.categoryWeights.forEach((weight, i) => {
      expect(Math.abs(weight - reference!.categoryWeights[i]!)).toBeLessThan(tolerance)
    })
  })
})
