/**
 * Validation on files of their own. The oracle of the metrics is `evaluate` with the model file, which knows nothing of
 * training; those of counts and places are the files, which the test wrote.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { encodeModel, saveModel } from '../../src/artifact/index.js'
import { evaluate } from '../../src/evaluate.js'
import type { DoneEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { fit, linear } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** Numbers with gaps, many categories (some met late, some never in training) and a weight. */
function rows(from: number, count: number): string[][] {
  return Array.from({ length: count }, (_, n) => {
    const i = from + n
    const x = Math.floor(scattered(i) * 512) / 64
    const category = `v${Math.floor(scattered(i, 0.7548776662) * (20 + i / 8))}`
    return [i % 23 === 0 ? '' : String(x), category, String(1 + (i % 3)), x + (i % 5) > 5 ? 'yes' : 'no']
  })
}
const NAMES = ['x', 'c', 'w', 'y']
const csv = (records: string[][], names = NAMES, delimiter = ','): string =>
  [names, ...records].map((fields) => `${fields.join(delimiter)}\n`).join('')

const input = write('input.csv', csv(rows(0, 900)))
const own = rows(900, 300)
const file = write('own.csv', csv(own))
const options = {
  input,
  target: 'y',
  weight: 'w',
  batchSize: 32,
  epochs: 3,
  workers: 1,
  blockBytes: 2000,
} satisfies TrainOptions

async function eventsOf(given: TrainOptions) {
  const events = await lastValueFrom(train(given).pipe(toArray()))
  const epochs = events.filter((event) => event.type === 'epoch')
  return { epochs, done: events.at(-1) as DoneEvent }
}

/** Each metric is a sum of the same f32 values in f64, cut elsewhere: at most n roundings. */
async function expectAsEvaluated(
  done: DoneEvent,
  files: string | string[],
  evaluated: number,
): Promise<void> {
  const model = join(folder, 'evaluated.safetensors')
  await saveModel(model, done.model)
  const { metrics, rows: counts } = await evaluate({ model, input: files, workers: 1, onBadRow: 'skip' })
  expect(counts.evaluated).toBe(evaluated)
  expect(Object.keys(done.validation!)).toEqual(Object.keys(metrics))
  for (const [name, value] of Object.entries(done.validation!)) {
    expect(Math.abs(metrics[name]! / value - 1), name).toBeLessThan(2 * evaluated * 2 ** -53)
  }
}

describe('a validation file', () => {
  it('is scored after every epoch as evaluate scores it, and no row of it is learned from', async () => {
    const { epochs, done } = await eventsOf({ ...options, validation: file })
    const counts = { read: 300, evaluated: 300, skipped: 0, badRows: {} }
    expect(epochs.map(({ validationRows }) => validationRows)).toEqual([counts, counts, counts])
    expect(done.validationRows).toEqual(counts)
    expect(done.rows).toEqual({ read: 900, trained: 900, validation: 0, skipped: 0 })
    await expectAsEvaluated(done, file, 300)
    const without = await fit(options)
    expect(linear(done.model).weights).toEqual(without.weights)
    expect(done.model.categoryWeights).toEqual(without.categoryWeights)
    expect(done.model.schema).toEqual(without.schema)
    expect(new Set(epochs.map(({ validation }) => validation!.loss)).size).toBe(3)
  })

  it('may have columns in another order and others besides, another delimiter, and be compressed', async () => {
    const shuffled = own.map(([x, c, w, y]) => [y!, 'more', c!, w!, x!])
    const names = ['y', 'extra', 'c', 'w', 'x']
    const { done } = await eventsOf({ ...options, validation: file })
    const others = [
      write('shuffled.csv', csv(shuffled, names)),
      write('semicolons.csv', csv(own, NAMES, ';')),
      write('own.csv.gz', gzipSync(csv(own))),
      [write('part-1.csv', csv(own.slice(0, 100))), write('part-2.csv', csv(shuffled.slice(100), names))],
    ]
    for (const other of others) {
      expect((await eventsOf({ ...options, validation: other })).done.validation).toEqual(done.validation)
    }
    const glob = await eventsOf({ ...options, validation: join(folder, 'part-*.csv') })
    expect(glob.done.validation).toEqual(done.validation)
  })

  it('gives the same model for 1, 2 and 5 workers, inline and pool, also where its rows go to a file', async () => {
    // 2 numbers, 1 category, label and weight in 32 bytes: 600,000 rows are more than 16 MiB.
    const many = write('many.csv', csv(own) + csv(own).slice(8).repeat(1999))
    const given = { ...options, epochs: 2, validation: many }
    const models: Buffer[] = []
    for (const [workers, placement] of [
      [1, 'inline'],
      [2, 'pool'],
      [5, 'pool'],
    ] as const) {
      const { done } = await eventsOf({ ...given, workers, placement })
      expect(done.validationRows).toMatchObject({ read: 600_000, evaluated: 600_000 })
      models.push(Buffer.from(encodeModel(done.model)))
    }
    expect(models[1]!.equals(models[0]!)).toBe(true)
    expect(models[2]!.equals(models[0]!)).toBe(true)
  })

  it('is what patience goes by', async () => {
    const patience = 2
    const given = {
      ...options,
      optimizer: 'sgd',
      learningRate: 4,
      validation: file,
      patience,
      epochs: 60,
    } as const
    const { epochs, done } = await eventsOf(given)
    const losses = epochs.map(({ validation }) => validation!.loss)
    const best = losses.indexOf(Math.min(...losses)) + 1
    expect(done).toMatchObject({ bestEpoch: best, epochs: best + patience })
    await expectAsEvaluated(done, file, 300)
  })

  it('goes with a stream, and with rows as objects', async () => {
    const objects = rows(0, 200).map((fields) =>
      Object.fromEntries(fields.map((field, i) => [NAMES[i]!, field])),
    )
    async function* text() {
      yield Buffer.from(csv(rows(0, 200)))
      await Promise.resolve()
    }
    for (const source of [objects, text()]) {
      const { done } = await eventsOf({ ...options, input: source, validation: file })
      await expectAsEvaluated(done, file, 300)
    }
  })

  it('has its bad rows counted apart, each with a reason and a place', async () => {
    const lines = csv(own).split('\n')
    lines[7] = '1,v1'
    lines[9] = '1,v1,1,perhaps'
    lines[11] = '1,v1,-1,yes'
    const bad = write('bad.csv', lines.join('\n'))
    await expect(fit({ ...options, validation: bad })).rejects.toMatchObject({
      code: 'RAGGED_ROW',
      place: { file: bad, line: 8 },
    })
    const quarantine = join(folder, 'kept.csv')
    const { done } = await eventsOf({ ...options, validation: bad, onBadRow: 'quarantine', quarantine })
    expect(done.rows).toEqual({ read: 900, trained: 900, validation: 0, skipped: 0 })
    expect(done.badRows).toEqual({})
    expect(done.validationRows).toEqual({
      read: 300,
      evaluated: 297,
      skipped: 3,
      badRows: { RAGGED_ROW: 1, UNKNOWN_CLASS: 1, BAD_WEIGHT: 1 },
    })
    const kept = readFileSync(quarantine, 'utf8').trimEnd().split('\n')
    expect(kept.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
      [bad, '8'],
      [bad, '10'],
      [bad, '12'],
    ])
    await expectAsEvaluated(done, bad, 297)
    await expect(fit({ ...options, validation: bad, onBadRow: 'skip', maxBadRows: 2 })).rejects.toMatchObject(
      {
        code: 'TOO_MANY_BAD_ROWS',
      },
    )
  })

  it('must be there, with the columns of the input, and have rows', async () => {
    await expect(fit({ ...options, validation: join(folder, 'none.csv') })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    })
    const lacking = write(
      'lacking.csv',
      csv(
        own.map(([x, c, w]) => [x!, c!, w!]),
        ['x', 'c', 'w'],
      ),
    )
    await expect(fit({ ...options, validation: lacking })).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      place: { file: lacking },
    })
    const empty = write('empty.csv', csv([]))
    await expect(fit({ ...options, validation: empty })).rejects.toMatchObject({ code: 'NO_VALIDATION_ROWS' })
    const out = join(folder, 'never.safetensors')
    await expect(fit({ ...options, validation: '-', out })).rejects.toMatchObject({ kind: 'usage' })
    expect(existsSync(out)).toBe(false)
    const taken = { ...options, validation: file, onBadRow: 'quarantine', quarantine: file } as const
    await expect(fit(taken)).rejects.toMatchObject({ kind: 'usage' })
  })
})
