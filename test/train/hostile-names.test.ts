/**
 * Columns, categories and classes named as what every JavaScript object has. The oracle is the same data with plain names
 * in the same order of sorting: everything that a run leaves must be the same but for the names.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeModel } from '../../src/artifact/index.js'
import { MillraceError } from '../../src/errors.js'
import { evaluate } from '../../src/evaluate.js'
import { inspect } from '../../src/inspect.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { fit as fitAny } from '../../src/train.js'
import { fit } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** Hostile and plain names, each list sorted; of the same lengths, as rows are held out by where they stand. */
const HOSTILE = ['__proto__', 'constructor', 'hasOwnProperty', 'prototype', 'toString', 'valueOf']
const PLAIN = HOSTILE.map((name, i) => 'abcdef'[i]!.repeat(name.length))
const plain = (text: string): string =>
  HOSTILE.reduce((renamed, name, i) => renamed.replaceAll(name, PLAIN[i]!), text)

const ROWS = 600
/** A number, two categories, a number, a weight, and a target of three classes, in the order of the names. */
const records = Array.from({ length: ROWS }, (_, i) => {
  const [x, z] = [Math.round(scattered(i) * 400) / 8, Math.round(scattered(i, 0.7548776662) * 80) / 8]
  const [a, b] = [Math.floor(scattered(i, 0.5698402909) * 6), i % 5]
  const label = Math.floor((x / 50 + (a % 2) + z / 10) % 3)
  return [x, HOSTILE[a]!, HOSTILE[b]!, z, 1 + (i % 3), HOSTILE[label]!]
})

/** Objects whose own keys are the names, `__proto__` too. */
const rowsOf = (names: readonly string[], rename: (text: string) => string) =>
  records.map((record) =>
    Object.fromEntries(
      record.map((value, c) => [names[c]!, typeof value === 'string' ? rename(value) : value]),
    ),
  )
const csvText = [HOSTILE, ...records].map((record) => `${record.join(',')}\n`).join('')
const csv = { hostile: write('hostile.csv', csvText), plain: write('plain.csv', plain(csvText)) }

const options = (names: readonly string[]): Omit<TrainOptions, 'input'> => ({
  target: names[5]!,
  weight: names[4]!,
  interactions: `${names[1]!}:${names[2]!},${names[1]!}:${names[0]!}`,
  numeric: names[3]!,
  classWeight: Object.fromEntries([
    [names[0]!, 2],
    [names[1]!, 0.5],
  ]),
  validation: 0.1,
  epochs: 2,
  workers: 2,
})

const errorFrom = async (run: Promise<unknown>): Promise<MillraceError> => {
  const error: unknown = await run.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  if (error instanceof MillraceError) return error
  throw error
}

const before = [...Reflect.ownKeys(Object.prototype), ...Reflect.ownKeys(Array.prototype)]
afterEach(() => {
  expect([...Reflect.ownKeys(Object.prototype), ...Reflect.ownKeys(Array.prototype)]).toEqual(before)
})

/** What train, inspect, evaluate and predict leave of an input, as text, without the names of files. */
async function leave(name: 'hostile' | 'plain', more: Partial<TrainOptions> = {}): Promise<string[]> {
  const names = name === 'hostile' ? HOSTILE : PLAIN
  const out = join(folder, `${name}.safetensors`)
  await fitAny({ input: csv[name], ...options(names), ...more, out })
  const { file: _, ...found } = await inspect(out)
  const scored = await evaluate({ model: out, input: csv[name], workers: 1 })
  const predictions = join(folder, `${name}-out.csv`)
  await predict({ model: out, input: csv[name], out: predictions, keep: names, workers: 1 })
  const { columns } = (await inspect(csv[name])) as Extract<
    Awaited<ReturnType<typeof inspect>>,
    { kind: 'csv' }
  >
  const model = JSON.stringify(decodeModel(readFileSync(out)), (_key, value: unknown) =>
    value instanceof Float32Array
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
      : value,
  )
  return [model, JSON.stringify([found, scored, columns]), readFileSync(predictions, 'utf8')]
}

describe('names that every object has', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['a linear model', {}],
    ['a network with embeddings', { hidden: '8', embedding: 3 }],
    ['hashed categories', { hashBits: 4 }],
  ])('are names like any other in %s, from training to predictions', async (_, more) => {
    // Texts that are hashed land elsewhere when they are renamed: then only the shape of what is left is compared.
    const [hostile, expected] = [await leave('hostile', more), await leave('plain', more)]
    if ('hashBits' in more) expect(hostile.map((text) => text.length > 0)).toEqual([true, true, true])
    else expect(hostile.map(plain)).toEqual(expected)
    expect(hostile[2]!.split('\n')[1]).toContain(`,${records[0]![1]!},`)
  })

  it('are keys of rows like any other, and one that a row lacks is a missing value', async () => {
    const train = async (names: readonly string[], rename: (text: string) => string) => {
      const rows = rowsOf(names, rename)
      const lacking = rows.map((row, i) =>
        i > 0 && i % 7 === 0
          ? Object.fromEntries(Object.entries(row).filter(([key]) => key !== names[1]))
          : row,
      )
      const model = await fit({ ...options(names), input: lacking, onBadRow: 'fail' })
      return [model.weights, model.bias, model.categoryWeights, model.provenance.rows]
    }
    expect(await train(HOSTILE, (text) => text)).toEqual(await train(PLAIN, plain))
  })

  it.each(HOSTILE)('%s is no option, and no setting, loss, optimizer or schedule', async (name) => {
    const base = { input: csv.hostile, target: 'valueOf', workers: 1 }
    const wrong: object[] = [
      Object.fromEntries([...Object.entries(base), [name, 1]]),
      { ...base, optimizerSettings: Object.fromEntries([[name, 1]]) },
      { ...base, optimizerSettings: `${name}=1` },
      { ...base, schedule: 'polynomial', scheduleSettings: Object.fromEntries([[name, 1]]) },
      ...['loss', 'optimizer', 'schedule', 'activation', 'init', 'backend', 'placement', 'encoding'].map(
        (option) => ({
          ...base,
          [option]: name,
        }),
      ),
    ]
    for (const given of wrong) {
      const error = await errorFrom(fit(given as TrainOptions))
      expect({ given, kind: error.kind }).toEqual({ given, kind: 'usage' })
    }
    const model = Object.fromEntries([
      ['model', 'm'],
      ['input', csv.hostile],
      [name, 1],
    ]) as never
    expect(await errorFrom(predict(model))).toMatchObject({ kind: 'usage' })
    expect(await errorFrom(evaluate(model))).toMatchObject({ kind: 'usage' })
    expect(await errorFrom(inspect(csv.hostile, Object.fromEntries([[name, 1]])))).toMatchObject({
      kind: 'usage',
    })
  })
})
