/** Runs whose loss ceases to be a number. The oracle of every place is the file, which the test wrote. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeModel, loadTrainedModel } from '../../src/artifact/index.js'
import { DivergedError } from '../../src/run/diverged.js'
import { lastGoodPath } from '../../src/run/keep-last-good.js'
import type { TrainOptions } from '../../src/options.js'
import { fit, linear } from '../linear.js'
import { run } from '../cli/harness.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const HEADER = 'x,c,odd,y\n'

/** y is twice x; `odd` is 0 but for one row, whose gradient 2·(z − 100)·1e38 is beyond f32. */
const ROWS = 900
const ODD_ROW = 700
const lines = Array.from({ length: ROWS }, (_, i) => {
  const x = Math.floor(scattered(i) * 64) / 64
  return `${x},v${i % 3},${i === ODD_ROW ? '1e38,100' : `0,${2 * x}`}\n`
})
const input = write('odd.csv', HEADER + lines.join(''))
const oneByOne = {
  input,
  target: 'y',
  numeric: 'x,odd',
  standardize: false,
  shuffle: false,
  batchSize: 1,
  epochs: 1,
  optimizer: 'sgd',
  learningRate: 0.05,
  schedule: 'constant',
  workers: 1,
} satisfies TrainOptions

async function errorOf(options: TrainOptions): Promise<DivergedError> {
  const error: unknown = await fit(options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DivergedError)
  return error as DivergedError
}

describe('a run that diverges', () => {
  // Gradients of ±1.5e38 take turns: their sum over all rows is finite, that over three rows of one category is not.
  it.each([
    ['few categories', {}],
    ['one of many categories', { hashBits: 13 }],
  ])('stops where only the gradient of a category is not finite: %s', async (_name, more) => {
    const rows = Array.from({ length: 40 }, (_, i) => {
      const [category, y] = i % 2 === 0 ? ['a', 1] : ['b', -1]
      return `${category},${y},${i < 30 ? 1 : 3e38}\n`
    })
    const path = write('cancel.csv', `c,y,w\n${rows.join('')}`)
    const heavy = {
      ...oneByOne,
      input: path,
      numeric: 'y',
      weight: 'w',
      loss: 'quantile',
      batchSize: 6,
    } as const
    const error = await errorOf({ ...heavy, ...more, categorical: 'c', shards: 1, learningRate: 1e-3 })
    expect(error.place).toMatchObject({ column: 'c', step: 6 })
    expect(error.message).toContain('expected a finite gradient')
  })

  it('stops at the step whose row is too much, and names the row range and the column', async () => {
    const error = await errorOf(oneByOne)
    expect(error).toMatchObject({ code: 'DIVERGED', kind: 'run' })
    // Mini-batches of one row, in file order: the step is the number of the row.
    expect(error.place).toMatchObject({ file: input, column: 'odd', step: ODD_ROW + 1 })
    // 1e38 is read as the nearest f32.
    expect(error.message).toContain(`"odd" is ${Math.fround(1e38)}`)
    const [, from, to] = /in bytes (\d+) … (\d+) of/.exec(error.message)!
    const at = HEADER.length + lines.slice(0, ODD_ROW).join('').length
    expect(Number(from)).toBeLessThanOrEqual(at)
    expect(Number(to)).toBeGreaterThanOrEqual(at)
    expect(error.hint).toContain('--learning-rate; it is 0.05')
    expect(error.hint).toContain('--ignore "odd"')
  })

  it('keeps the last good weights: those of a run that ended there', async () => {
    const error = await errorOf(oneByOne)
    // Copies are taken before the updates of steps 256 and 512: by then 511 rows have been learned from.
    const shorter = write('shorter.csv', HEADER + lines.slice(0, 511).join(''))
    const expected = await fit({ ...oneByOne, input: shorter })
    const { weights, bias, provenance } = linear(error.model!)
    expect([weights, bias]).toEqual([expected.weights, expected.bias])
    expect(provenance).toMatchObject({
      steps: 511,
      rows: { read: 511, trained: 511, validation: 0, skipped: 0 },
      train: expected.provenance.train,
    })
    expect(error.hint).toContain('of step 511, are the model of this error')
  })

  it('of the same rows keeps the same bits for 1, 2 and 5 workers', async () => {
    const many = {
      ...oneByOne,
      shuffle: true,
      blockBytes: 300,
      batchSize: 2,
      validation: 0.1,
      maxCategories: 10,
    }
    const long = write('long.csv', HEADER + [...lines, ...lines, ...lines].join(''))
    const models: Buffer[] = []
    const messages = new Set<string>()
    for (const [workers, placement] of [
      [1, 'inline'],
      [2, 'pool'],
      [5, 'pool'],
    ] as const) {
      const error = await errorOf({ ...many, input: long, workers, placement, learningRate: 0.01 })
      messages.add(error.message)
      if (error.model !== undefined) models.push(Buffer.from(encodeModel(error.model)))
    }
    expect(messages.size).toBe(1)
    expect(models.every((model) => model.equals(models[0]!))).toBe(true)
    expect([0, 3]).toContain(models.length)
  })

  it('names the column that a learning rate is too high for', async () => {
    const large = Array.from(
      { length: 200 },
      (_, i) => `${scattered(i)},${1000 * scattered(i, 0.31)},${i % 7}\n`,
    )
    const file = write('large.csv', `small,large,y\n${large.join('')}`)
    const error = await errorOf({
      input: file,
      target: 'y',
      numeric: 'small,large',
      standardize: false,
      loss: 'squared',
      optimizer: 'sgd',
      learningRate: 0.1,
      epochs: 5,
      batchSize: 4,
      workers: 1,
    })
    expect(error.place.column).toBe('large')
    // From the first step on it got worse.
    expect(error.model).toBeUndefined()
    expect(error.hint).toContain('no weights were kept')
    expect(error.hint).toContain('standardised')
  })

  it('of a network names the column too', async () => {
    const large = Array.from(
      { length: 200 },
      (_, i) => `${scattered(i)},${1e4 * scattered(i, 0.31)},${i % 7}\n`,
    )
    const error = await errorOf({
      input: write('large-network.csv', `small,large,y\n${large.join('')}`),
      target: 'y',
      numeric: 'small,large',
      standardize: false,
      loss: 'squared',
      optimizer: 'sgd',
      learningRate: 1,
      epochs: 5,
      batchSize: 4,
      hidden: [8],
      workers: 1,
    })
    expect(error.place.column).toBe('large')
  })

  it('leaves the model file as it was, and writes the last good weights beside it', async () => {
    const out = join(folder, 'model.safetensors')
    write('model.safetensors', 'the model of yesterday')
    const flags = ['--numeric', 'x,odd', '--no-standardize', '--no-shuffle', '--batch-size', '1']
    const settings = ['--epochs', '1', '--optimizer', 'sgd', '--learning-rate', '0.05', '--workers', '1']
    const { code, err } = await run('train', input, '--target', 'y', ...flags, ...settings, '-o', out)
    expect(code).toBe(1)
    expect(readFileSync(out, 'utf8')).toBe('the model of yesterday')
    const kept = await loadTrainedModel(lastGoodPath(out))
    expect(kept.provenance.steps).toBe(511)
    expect(err).toContain(`step ${ODD_ROW + 1}`)
    expect(err).toContain('model.last-good.safetensors')
  })

  it('with patience has the best epoch to go back to', async () => {
    const fine = lines.map((line) => line.replace('1e38', '0'))
    // Of the gradient of the first epochs nothing is too large; the weights of later ones grow without bound.
    const file = write('fine.csv', HEADER + fine.join(''))
    const options = {
      ...oneByOne,
      input: file,
      validation: 0.2,
      patience: 400,
      epochs: 400,
      batchSize: 50,
      learningRate: 1.7,
    }
    const error = await errorOf({ ...options, shuffle: true })
    expect(error.place.file).toBeUndefined()
    expect(error.message).toContain('of a block that was read in the first epoch')
    expect(error.model!.provenance.epochs).toBeGreaterThanOrEqual(1)
    expect(error.model!.provenance.validation!.loss).toBeLessThan(Infinity)
  })
})

describe('the path beside', () => {
  it.each([
    ['model.safetensors', 'model.last-good.safetensors'],
    ['a.b/model', 'a.b/model.last-good'],
    ['../m.x.y', '../m.x.last-good.y'],
  ])('%s', (out, expected) => {
    expect(lastGoodPath(out)).toBe(expected)
    expect(existsSync(expected)).toBe(false)
  })
})
