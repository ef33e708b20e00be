/** What a row may be, and what becomes of it: the same as of the CSV that the row would be written as. */
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { lastValueFrom, of, toArray } from 'rxjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { MillraceError, fit, loadModel, predict, type Model, type Prediction } from '../../src/index.js'
import { temporaryFolder } from '../train/files.js'

const { folder } = temporaryFolder()
const at = (name: string): string => `${folder}/${name}`

const origins = ['Orly', 'Zürich "ZRH"', 'a, b', '__proto__', '12']

/** Training rows: a number, a boolean, a date, a category, a column whose name is a key of every object. */
const training = Array.from({ length: 400 }, (_, i) => ({
  size: i % 9 === 0 ? null : (i % 37) / 4,
  open: i % 3 === 0,
  day: i % 11 === 0 ? '' : new Date(Date.UTC(2001, i % 12, 1 + (i % 28), i % 24)),
  origin: i % 13 === 0 ? 'NA' : origins[i % 5]!,
  ['constructor']: i % 7,
  late: (i * 37) % 101 > 60 ? 'yes' : 'no',
}))

let model: Model
beforeAll(async () => {
  const out = at('late.safetensors')
  await fit({
    input: training,
    target: 'late',
    dates: 'day',
    categorical: 'origin',
    interactions: 'origin:size',
    epochs: 3,
    workers: 1,
    out,
  })
  model = await loadModel(out)
})

const row = { size: 4.5, open: true, day: '2001-03-04T05:00', origin: 'Orly', constructor: 3 }

/** What the command makes of the rows, as the library has it. */
async function byCommand(rows: readonly Readonly<Record<string, unknown>>[]): Promise<Prediction[]> {
  const out = at('out.csv')
  await predict({ model: at('late.safetensors'), input: rows, out, workers: 1 })
  const lines = readFileSync(out, 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [prediction, no, yes] = line.split(',') as [string, string, string]
    return { prediction, probabilities: { no: Math.fround(Number(no)), yes: Math.fround(Number(yes)) } }
  })
}

function errorOf(work: () => unknown): MillraceError {
  try {
    work()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a row', () => {
  it('may have values of every type, with the bits of the command', async () => {
    const rows = [
      row,
      { ...row, size: '4.5', open: 'Yes', day: new Date('2001-03-04T05:00Z'), constructor: '3' },
      { ...row, size: -0, open: 0, day: 983_682_000, origin: 12 },
      { ...row, size: 10n, open: 1, day: 983_682_000_000, origin: true },
      { ...row, size: null, open: undefined, day: '', origin: NaN },
      { ...row, size: 'NA', open: ' ', day: '?', origin: ' null ' },
      { ...row, size: 5e-324, origin: 'never seen' },
      { ...row, origin: ' Orly ' },
      { ...row, origin: { a: [1, 2n] }, day: '20010304' },
      { ...row, origin: Buffer.from('Zürich "ZRH"'), day: '2001-03' },
      { ...row, origin: '__proto__', note: 'not a column of the model' },
      { ...row, origin: new Date(NaN) },
    ]
    const names = Object.keys(rows[10]!)
    const whole = rows.map((given) =>
      Object.fromEntries(names.map((name) => [name, (given as Record<string, unknown>)[name]])),
    )
    expect(model.predict(rows)).toEqual(await byCommand(whole))
  })

  it('is as good alone as among others', () => {
    expect(model.predict([row, row])).toEqual([model.predict(row), model.predict(row)])
    expect(model.predict([])).toEqual([])
  })

  it('leaves nothing behind for the next one', () => {
    const alone = model.predict({ ...row, size: null, origin: 'new' })
    expect(model.predict([row, { ...row, size: null, origin: 'new' }])[1]).toEqual(alone)
  })
})

describe('a row that is refused', () => {
  it.each<[string, unknown, string, RegExp]>([
    [
      'text where a number is expected',
      { ...row, size: 'big' },
      'NOT_A_NUMBER',
      /^the row: expected a number, found "big"$/,
    ],
    ['Infinity', { ...row, size: Infinity }, 'NOT_A_NUMBER', /found "Infinity"/],
    ['true where a number is expected', { ...row, size: true }, 'NOT_A_NUMBER', /found "true"/],
    ['a number that is no truth', { ...row, open: 2 }, 'NOT_A_BOOLEAN', /expected true or false/],
    ['a day that there is not', { ...row, day: '2001-02-30' }, 'NOT_A_DATE', /found "2001-02-30"/],
    ['half a surrogate pair', { ...row, origin: 'a\ud800' }, 'INVALID_UTF8', /surrogate/],
    ['a function', { ...row, origin: () => 1 }, 'NOT_A_VALUE', /cannot be written as text: function/],
    ['an array', [1, 2], 'NOT_A_ROW', /^the row is an array$/],
    ['null', null, 'NOT_A_ROW', /^the row is null$/],
    ['a text', 'size=1', 'NOT_A_ROW', /^the row is a string$/],
  ])('%s', (_what, given, code, message) => {
    const error = errorOf(() =>
      model.predict(given === null || !Array.isArray(given) ? (given as typeof row) : ([given] as never)),
    )
    expect(error.code).toBe(code)
    expect(error.message.replace('row 1', 'the row')).toMatch(message)
  })

  it('holds a number too large for f32, where the model does not clamp it', async () => {
    const file = new URL('../golden/format-1/network-numbers.model', import.meta.url)
    const unclamped = await loadModel(readFileSync(file))
    const given = { hour: 1e300, long: true, origin: 'SJU' }
    expect(errorOf(() => unclamped.predict(given))).toMatchObject({
      code: 'OUT_OF_RANGE',
      message: 'the row: expected a number that fits into 32 bits once it is standardised, found "1e+300"',
    })
  })

  it('lacks a column: the nearest key is suggested', () => {
    const { origin, ...others } = row
    const error = errorOf(() => model.predict({ ...others, origni: origin }))
    expect([error.code, error.message, error.place.column]).toEqual([
      'MISSING_COLUMN',
      'the row has no "origin", a feature of the model',
      'origin',
    ])
    expect(error.hint).toBe('did you mean "origni"?; a value that is not known is null')
  })

  it('has not what every object inherits', () => {
    const { constructor: _, ...others } = row
    expect(errorOf(() => model.predict(others)).place.column).toBe('constructor')
  })

  it('is named by its number among others', () => {
    expect(errorOf(() => model.predict([row, { ...row, size: '?!' }])).message).toMatch(
      /^row 2: expected a number/,
    )
  })
})

describe('the threshold', () => {
  it('decides which of two classes is predicted', () => {
    const yes = model.predict(row).probabilities!['yes']!
    expect(model.predict(row, { threshold: yes }).prediction).toBe('no')
    expect(model.predict(row, { threshold: yes - 1e-6 }).prediction).toBe('yes')
  })

  it('is a number', () => {
    expect(errorOf(() => model.predict(row, { threshold: NaN })).message).toBe(
      'threshold: expected a finite number, got NaN',
    )
  })
})

describe('a stream of rows', () => {
  const rows = training.slice(0, 5)
  const expected = (): unknown[] => rows.map((each) => ({ ...model.predict(each), row: each }))

  it.each<[string, () => AsyncIterable<object> | Iterable<object> | ReadableStream<object>]>([
    ['an array', () => rows],
    ['a stream of Node', () => Readable.from(rows)],
    ['a generator', () => rows.values()],
    ['a web stream', () => ReadableStream.from(rows) as ReadableStream<object>],
    ['a web stream that cannot be looped over', () => withoutLoop(ReadableStream.from(rows))],
  ])('from %s', async (_from, open) => {
    const found: unknown[] = []
    for await (const predicted of model.predictStream(open() as AsyncIterable<typeof row>))
      found.push(predicted)
    expect(found).toEqual(expected())
  })

  it('from an Observable is an Observable', async () => {
    expect(await lastValueFrom(model.predictStream(of(...rows)).pipe(toArray()))).toEqual(expected())
  })

  it('is a stage of a pipeline', async () => {
    const found: unknown[] = []
    await pipeline(
      Readable.from(rows),
      (source: AsyncIterable<typeof row>) => model.predictStream(source),
      async (predictions: AsyncIterable<unknown>) => {
        for await (const predicted of predictions) found.push(predicted)
      },
    )
    expect(found).toEqual(expected())
  })

  it('ends with the row that is refused', async () => {
    const bad = [row, { ...row, size: 'x' }]
    const found: unknown[] = []
    const stream = async (): Promise<void> => {
      for await (const predicted of model.predictStream(bad as Iterable<Record<string, unknown>>))
        found.push(predicted)
    }
    await expect(stream()).rejects.toThrow('row 2: expected a number, found "x"')
    expect(found).toHaveLength(1)
    await expect(lastValueFrom(model.predictStream(of(...bad) as never))).rejects.toThrow('row 2')
  })

  it('closes its source when nobody reads on', async () => {
    let closed = false
    async function* source(): AsyncGenerator<typeof row> {
      try {
        for (;;) yield row
      } finally {
        closed = true
      }
    }
    for await (const _ of model.predictStream(source())) break
    expect(closed).toBe(true)
  })
})

/** As browsers have it where streams are no async iterables. */
function withoutLoop(stream: ReadableStream<object>): ReadableStream<object> {
  return { getReader: () => stream.getReader() } as ReadableStream<object>
}
