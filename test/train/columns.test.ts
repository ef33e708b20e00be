/**
 * Booleans, dates, missing tokens and odd names, from the file to the prediction. Oracle of booleans and dates: a file in
 * which the numbers that they stand for are written out as columns; both must train to the same bits.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/evaluate.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { train } from '../../src/train.js'
import { fit } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const ROWS = 700

/** Spellings that stand for 1 and for 0. */
const YES = ['true', 'TRUE', 'Yes', '"t"', ' T ', '"yEs"']
const NO = ['false', 'False', 'NO', 'f', ' no', '"F"']

const moments = Array.from(
  { length: ROWS },
  (_, i) => new Date(Date.UTC(1998, 0, 1) + Math.floor(scattered(i) * 3e11)),
)
const truths = moments.map((_, i) => scattered(i, 0.7548776662) > 0.4)
const label = (i: number) => (truths[i] ? 3 : 0) + moments[i]!.getUTCHours() / 24 + scattered(i, 0.3)

function csv(header: string, record: (i: number) => readonly unknown[]): string {
  return `${header}\n${Array.from({ length: ROWS }, (_, i) => record(i).join(',')).join('\n')}\n`
}

const spelled = (i: number) => (truths[i] ? YES : NO)[i % 6]!
const asNumber = (i: number) => (truths[i] ? 1 : 0)
/** The date of a row in one of the forms that keep the seconds, which are what there is of it. */
function dateText(i: number): string {
  const iso = moments[i]!.toISOString()
  const seconds = Math.floor(moments[i]!.getTime() / 1000)
  return [iso.replace(/\.\d+Z/, 'Z'), iso.slice(0, 19).replace('T', ' '), String(seconds), `"${seconds}000"`][
    i % 4
  ]!
}
/** Year, month, weekday, hour and epoch by ECMAScript's Date. */
function dateNumbers(i: number): number[] {
  const date = moments[i]!
  const weekday = ((date.getUTCDay() + 6) % 7) + 1
  const epoch = Math.floor(date.getTime() / 1000)
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, weekday, date.getUTCHours(), epoch]
}

/** What of a model does not depend on how its columns are named. */
function weightsOf({ weights, bias, categoryWeights }: Model): string {
  return Buffer.concat(
    [weights, bias, categoryWeights].map((part) => Buffer.from(part.slice().buffer)),
  ).toString('hex')
}

const base = { target: 'y', epochs: 2, batchSize: 32, workers: 1, memory: '16MiB' } as const

describe('booleans and dates', () => {
  const words = write(
    'words.csv',
    csv('x,flag,when,last,y', (i) => [i % 10, spelled(i), dateText(i), i % 7, label(i)]),
  )
  const numbers = write(
    'numbers.csv',
    csv('x,flag,year,month,weekday,hour,epoch,last,y', (i) => [
      i % 10,
      asNumber(i),
      ...dateNumbers(i),
      i % 7,
      label(i),
    ]),
  )
  /** One lane, so that rows come in the same order though their bytes differ. */
  const inOrder = { ...base, shuffle: false }

  it.each<[string, Partial<TrainOptions>]>([
    ['as they are', {}],
    ['not standardised', { standardize: false, learningRate: 1e-12 }],
    ['by the reference', { backend: 'reference' }],
    ['on workers, in tiny blocks', { workers: 3, placement: 'pool', blockBytes: 300 }],
  ])('train to the same weights as the numbers that they stand for: %s', async (_name, options) => {
    const of = await fit({ ...inOrder, ...options, input: words, dates: ['when'] })
    const expected = await fit({ ...inOrder, ...options, input: numbers })
    expect(of.schema.columns.map(({ kind }) => kind)).toEqual([
      'number',
      'boolean',
      'date',
      'number',
      'target',
    ])
    expect(expected.weights).toHaveLength(8)
    expect(weightsOf(of)).toBe(weightsOf(expected))
  })

  it('train to the same bits whatever the workers', async () => {
    const model = (workers: number) =>
      fit({ ...base, input: words, dates: 'when', workers, validation: 0.2, blockBytes: 512 })
    const one = await model(1)
    for (const workers of [2, 5]) expect(weightsOf(await model(workers))).toBe(weightsOf(one))
  })

  it('predict the same from the model file', async () => {
    const predictions = async (input: string, name: string, dates: string[]) => {
      const model = join(folder, `${name}.safetensors`)
      const out = join(folder, `${name}.csv`)
      await fit({ ...inOrder, input, dates, out: model })
      await predict({ model, input, out, workers: 1 })
      return readFileSync(out, 'utf8')
    }
    const expected = await predictions(numbers, 'by-numbers', [])
    expect(expected.split('\n')).toHaveLength(ROWS + 2)
    expect(await predictions(words, 'by-words', ['when'])).toBe(expected)
  })

  it('that are missing have an indicator, one for all parts of a date', async () => {
    const gap = (i: number, text: string) => (i % 9 === 0 ? ['', 'NA', ' ? ', '"NULL"'][(i / 9) % 4]! : text)
    const input = write(
      'gaps.csv',
      csv('flag,when,y', (i) => [gap(i, spelled(i)), gap(i + 3, dateText(i)), label(i)]),
    )
    const model = await fit({ ...inOrder, input, dates: 'when' })
    expect(model.schema.columns.map((column) => 'indicator' in column && column.indicator)).toEqual([
      true,
      true,
      false,
    ])
    expect(model.weights).toHaveLength(2 + 6)
    // The boolean alone, against its numbers with the same gaps.
    const alone = { ...inOrder, input, ignore: 'when' }
    const written = write(
      'gaps-numbers.csv',
      csv('flag,y', (i) => [gap(i, String(asNumber(i))), label(i)]),
    )
    expect(weightsOf(await fit(alone))).toBe(weightsOf(await fit({ ...inOrder, input: written })))
  })

  it('may be numbers or categories if so asked', async () => {
    const kinds = async (options: Partial<TrainOptions>) => {
      const { schema } = await fit({ ...inOrder, input: words, epochs: 1, ignore: 'when', ...options })
      return schema.columns.map(({ kind }) => kind)
    }
    expect(await kinds({ numeric: 'flag' })).toEqual(['number', 'boolean', 'ignored', 'number', 'target'])
    expect(await kinds({ categorical: 'flag' })).toEqual([
      'number',
      'category',
      'ignored',
      'number',
      'target',
    ])
  })

  it('that are none are bad rows, and counted', async () => {
    const model = join(folder, 'strict.safetensors')
    await fit({ ...inOrder, input: words, dates: 'when', epochs: 1, out: model })
    const bad = ['1,maybe,2001-01-31,1,1', '1,2,2001-01-31,1,1', '1,no,2001-02-31,1,1']
    const place = { line: ROWS + 2 }
    const scored = (rows: readonly string[], onBadRow: 'fail' | 'skip') => {
      const input = write('bad.csv', `${readFileSync(words, 'utf8')}${rows.join('\n')}\n`)
      return evaluate({ model, input, workers: 1, onBadRow })
    }
    const flag = { code: 'NOT_A_BOOLEAN', place: { ...place, column: 'flag' } }
    await expect(scored(bad, 'fail')).rejects.toMatchObject(flag)
    await expect(scored(bad.slice(1), 'fail')).rejects.toMatchObject(flag)
    const when = { code: 'NOT_A_DATE', place: { ...place, column: 'when' } }
    await expect(scored(bad.slice(2), 'fail')).rejects.toMatchObject(when)
    const { rows } = await scored(bad, 'skip')
    expect(rows).toEqual({ read: ROWS + 3, evaluated: ROWS, skipped: 3 })
    // In training too: a few odd dates in the sample do not make it another column.
    const input = write('bad.csv', `${readFileSync(words, 'utf8')}${bad[2]}\n`)
    await expect(fit({ ...inOrder, input, dates: 'when' })).rejects.toMatchObject(when)
  })

  it('are warned of where dates were not asked for, and refused where they are none', async () => {
    const input = write(
      'days.csv',
      csv('when,x,y', (i) => [moments[i]!.toISOString().slice(0, 10), i % 5, label(i)]),
    )
    const events = await lastValueFrom(train({ ...inOrder, input, epochs: 1 }).pipe(toArray()))
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      { type: 'warning', message: expect.stringContaining('"when" looks like dates') as string },
    ])
    await expect(fit({ ...inOrder, input: words, dates: 'flag' })).rejects.toMatchObject({
      code: 'NOT_DATES',
      place: { column: 'flag' },
    })
    await expect(fit({ ...inOrder, input: words, dates: 'wen' })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      hint: 'did you mean "when"?',
    })
    await expect(fit({ ...inOrder, input: words, dates: 'y' })).rejects.toMatchObject({ kind: 'usage' })
  })
})

describe('a target of booleans', () => {
  const input = write(
    'target.csv',
    csv('x,y', (i) => [(asNumber(i) + scattered(i)).toFixed(3), spelled(i).trim()]),
  )
  const numbers = write(
    'target-numbers.csv',
    csv('x,y', (i) => [(asNumber(i) + scattered(i)).toFixed(3), asNumber(i)]),
  )

  it('has two classes, whatever the words and their case', async () => {
    const out = join(folder, 'target.safetensors')
    const model = await fit({ ...base, input, shuffle: false, out })
    expect(model.schema.target).toMatchObject({ kind: 'binary' })
    expect(weightsOf(model)).toBe(weightsOf(await fit({ ...base, input: numbers, shuffle: false })))
    const { metrics, rows } = await evaluate({ model: out, input, workers: 1 })
    expect(rows).toEqual({ read: ROWS, evaluated: ROWS, skipped: 0 })
    expect(metrics['accuracy']).toBeGreaterThan(0.9)
  })

  it('names its classes by the spelling that is met most', async () => {
    const text = 'x,y\n1,Yes\n2,no\n3,yes\n4,Yes\n5,NO\n6,NO\n'
    const { schema } = await fit({ ...base, input: write('most.csv', text) })
    expect(schema.target).toEqual({ kind: 'binary', name: 'y', classes: ['NO', 'Yes'] })
  })
})

describe('separators', () => {
  const prices = (texts: readonly string[]) =>
    csv('price,x,y', (i) => [texts[i % texts.length]!, i % 5, label(i)])

  it.each([
    [['"1,234.50"', '"12,000.00"', '17.25'], 'THOUSANDS_SEPARATORS', '"1,234.50"', 'remove them (1234.50)'],
    [
      ['"1.234,50"', '"12.000,00"'],
      'THOUSANDS_SEPARATORS',
      '"1.234,50"',
      '(1234,50) and use --decimal comma',
    ],
    [['1 234', '12 000', '999'], 'THOUSANDS_SEPARATORS', '"1 234"', '(1234)'],
    [["1'234.5", '-12’000'], 'THOUSANDS_SEPARATORS', '"-12’000"', '(-12000)'],
    [['"1,5"', '"0,25"', '3', '"-12,75"'], 'DECIMAL_COMMAS', '"-12,75"', '--decimal comma'],
  ])('in %j are %s', async (texts, code, example, hint) => {
    const input = write('separators.csv', prices(texts))
    const error = expect.objectContaining({
      code,
      message: expect.stringContaining(example) as string,
      hint: expect.stringContaining(hint) as string,
    }) as Error
    await expect(fit({ ...base, input })).rejects.toEqual(error)
    await expect(fit({ ...base, input, numeric: 'price' })).rejects.toEqual(error)
    await expect(fit({ ...base, input, target: 'price', ignore: 'y' })).rejects.toMatchObject({ code })
    const { schema } = await fit({ ...base, input, epochs: 1, categorical: 'price' })
    expect(schema.columns[0]).toMatchObject({ kind: 'category' })
    await fit({ ...base, input, epochs: 1, ignore: 'price' })
  })

  it.each([
    ['places', ['"Paris, 75"', '"Bonn, 53"']],
    ['addresses', ['10.0.0.1', '192.168.100.200', '172.16.254.1']],
    ['numbers of telephones', ['0171 2345', '555 123 45']],
    ['lists', ['"1,2,3"', '"4,5"', '"7,8,9,10"']],
  ])('are not seen in %s', async (_name, texts) => {
    const { schema } = await fit({ ...base, epochs: 1, input: write('texts.csv', prices(texts)) })
    expect(schema.columns[0]).toMatchObject({ kind: 'category' })
  })
})

describe('missing values', () => {
  const TOKENS = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '?']
  const written = TOKENS.flatMap((token) => [token, ` ${token} `, `"${token}"`])

  it('are the default tokens in any dress, in features of every kind', async () => {
    const at = (i: number, text: string) => (i % 3 === 0 ? written[(i / 3) % written.length]! : text)
    const record = (i: number) => [
      at(i, String(i % 11)),
      at(i + 1, spelled(i)),
      at(i + 2, dateText(i)),
      at(i + 1, `c${i % 4}`),
    ]
    const input = write(
      'missing.csv',
      csv('n,b,d,c,y', (i) => [...record(i), label(i)]),
    )
    const { schema, provenance } = await fit({ ...base, input, dates: 'd' })
    expect(schema.columns).toMatchObject([
      { kind: 'number', indicator: true },
      { kind: 'boolean', indicator: true },
      { kind: 'date', indicator: true },
      { kind: 'category', values: ['c0', 'c1', 'c2', 'c3'] },
      { kind: 'target' },
    ])
    expect(provenance.rows).toMatchObject({ read: ROWS, trained: ROWS, skipped: 0 })
  })

  it.each(['number', 'class', 'weight'])('are bad rows as a %s', async (role) => {
    const value = (i: number) => (role === 'number' ? label(i) : role === 'class' ? spelled(i) : 1)
    const rows = written.map((text, i) => `${i % 5},${role === 'weight' ? `2,${text}` : `${text},1`}`)
    const record = (i: number) => (role === 'weight' ? [i % 5, label(i), 1] : [i % 5, value(i), 1])
    const input = write('missing-roles.csv', `${csv('x,y,w', record)}${rows.join('\n')}\n`)
    const { provenance } = await fit({ ...base, input, weight: 'w', epochs: 1, onBadRow: 'skip' })
    expect(provenance.rows).toMatchObject({
      read: ROWS + written.length,
      trained: ROWS,
      skipped: written.length,
    })
  })
})

describe('names of columns', () => {
  it('may be empty, double, or names of what objects have', async () => {
    const header = '__proto__,c2,,constructor,constructor,"a,""b""",toString,y'
    const input = write(
      'names.csv',
      csv(header, (i) => [i, 7, i % 3, i % 4, i % 5, i % 6, `t${i % 2}`, label(i)]),
    )
    const model = join(folder, 'names.safetensors')
    const { schema } = await fit({
      ...base,
      input,
      epochs: 1,
      categorical: 'c2_2,"a,""b"""',
      ignore: ['c2', 'constructor_2'],
      numeric: '__proto__',
      out: model,
    })
    expect(schema.columns.map(({ kind, name }) => [name, kind])).toEqual([
      ['__proto__', 'number'],
      ['c2', 'ignored'],
      ['c2_2', 'category'],
      ['constructor', 'number'],
      ['constructor_2', 'ignored'],
      ['a,"b"', 'category'],
      ['toString', 'category'],
      ['y', 'target'],
    ])
    const out = join(folder, 'names-out.csv')
    await predict({ model, input, out, keep: '__proto__,"a,""b""",c2_2', workers: 1 })
    const [first, second] = readFileSync(out, 'utf8').split('\n')
    expect(first).toBe('__proto__,"a,""b""",c2_2,prediction')
    expect(second).toMatch(/^0,0,0,/)
  })
})
