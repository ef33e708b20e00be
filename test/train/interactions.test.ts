/** Interactions end to end. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import { inspect } from '../../src/inspect.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { fit } from '../linear.js'
import { CORNER_TARGETS, cornersCsv, scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

interface TripRow {
  from: string
  to: string
  x: number
  late: number
}

/** Whether a trip is late depends on the pair, and on x with a slope that depends on `from`. */
const trips: TripRow[] = Array.from({ length: 900 }, (_, i) => {
  const from = ['p"q', 'r,s', 't', ''][Math.floor(scattered(i) * 4)]!
  const to = ['u', 'v', 'w'][Math.floor(scattered(i, 0.7548776662) * 3)]!
  const x = Math.round(scattered(i, 0.5698402909) * 64) / 32 - 1
  const slope = from === 't' ? 2 : -1
  const late = (from === 't') === (to === 'u') ? slope * x > -0.5 : slope * x > 0.5
  return { from, to, x, late: Number(late) }
})

const quoted = (text: string): string => (text === '' ? '' : `"${text.replaceAll('"', '""')}"`)

/** The trips with these columns; further ones are made of the row. */
function tripsCsv(names: string[], more: Record<string, (row: TripRow) => string> = {}): string {
  const columns: Record<string, (row: TripRow) => string> = {
    from: ({ from }) => quoted(from),
    to: ({ to }) => to,
    x: ({ x }) => String(x),
    late: ({ late }) => String(late),
    ...more,
  }
  const lines = trips.map((row) => names.map((name) => columns[name]!(row)).join(','))
  return `${[names.join(','), ...lines].join('\n')}\n`
}

const input = write('trips.csv', tripsCsv(['from', 'to', 'x', 'late']))
/** Everything that could depend on where a row stands in the file is left out. */
const inOrder = { target: 'late', shuffle: false, batchSize: 50, epochs: 3, workers: 2 } as const

describe('the interaction of two categories', () => {
  it('is the category that the pair is when it is written out', async () => {
    const written = write(
      'written.csv',
      tripsCsv(['from', 'to', 'pair', 'x', 'late'], {
        pair: ({ from, to }) => (from === '' ? '' : quoted(`${from}\x1f${to}`)),
      }),
    )
    const pair = await fit({ ...inOrder, input, interactions: 'from:to' })
    const column = await fit({ ...inOrder, input: written })
    expect(pair.schema.interactions).toMatchObject([
      {
        name: 'from:to',
        columns: ['from', 'to'],
        values: column.schema.columns[2]!.kind === 'category' ? column.schema.columns[2]!.values : [],
      },
    ])
    expect(pair.schema.interactions[0]!.values).toHaveLength(9)
    expect(pair.bias).toEqual(column.bias)
    expect(pair.weights).toEqual(column.weights)
    expect(pair.categoryWeights).toEqual(column.categoryWeights)
  })

  it('learns what its columns alone cannot', async () => {
    const shuffled = { input, target: 'late', validation: 0.25, epochs: 20, workers: 1 }
    const losses = await Promise.all(
      [[], ['from:to'], ['from:to', 'x:from']].map(async (interactions) => {
        const { provenance } = await fit({ ...shuffled, interactions })
        return provenance.validation!['loss']
      }),
    )
    expect(losses[1]).toBeLessThan(losses[0]!)
    expect(losses[2]).toBeLessThan(losses[1]!)
  })
})

describe('the interaction of a category and a number', () => {
  // Oracle: a dense column for each value, x where the row has the value and 0 elsewhere. The weights are then the same
  // real numbers. In f32 each step adds to a weight of size below 4 an error of at most 2^-21 (the sums of 50 rows are
  // rounded in another order: 50·2^-24 of a gradient below 1, times the rate 0.1 over the root of a sum of squares above
  // 0.01), and there are 54 steps: 54 · 2^-17 < 1e-3.
  it('has the weights of a column a value', async () => {
    const values = ['p"q', 'r,s', 't', '']
    const names = values.map((_, i) => `x${i}`)
    const ofValue = values.map((value) => (row: TripRow) => (row.from === value ? String(row.x) : '0'))
    const expanded = write(
      'expanded.csv',
      tripsCsv(
        ['from', 'x', ...names, 'late'],
        Object.fromEntries(names.map((name, i) => [name, ofValue[i]!])),
      ),
    )
    const plain = { ...inOrder, standardize: false, numeric: ['x', ...names] }
    const slopes = await fit({ ...inOrder, standardize: false, input, ignore: 'to', interactions: 'x:from' })
    const columns = await fit({ ...plain, input: expanded })
    const [{ values: ofFrom, buckets }] = slopes.schema.interactions as [Model['schema']['interactions'][0]]
    expect(ofFrom).toEqual(values.slice(0, 3))
    // Behind the weights of the category itself: three values, the buckets, "missing".
    const own = slopes.categoryWeights.slice(3 + buckets + 1)
    const learned = [own[0]!, own[1]!, own[2]!, own[3 + buckets]!]
    names.forEach((name, i) => {
      expect(Math.abs(columns.weights[1 + i]!)).toBeGreaterThan(0.05)
      expect(Math.abs(learned[i]! - columns.weights[1 + i]!), name).toBeLessThan(1e-3)
    })
  })
})

describe('the model file with interactions', () => {
  const corners = write('corners.csv', cornersCsv(700))
  const permuted = write('permuted.csv', permutedCorners())
  const options: TrainOptions = {
    input: corners,
    target: 'late',
    ignore: Object.values(CORNER_TARGETS).filter((name) => name !== 'late'),
    weight: 'w',
    categorical: 'z',
    interactions: '"te,xt":z,x:"te,xt",z:x',
    validation: 0.2,
    epochs: 2,
    batchSize: 50,
    blockBytes: 200,
    onBadRow: 'skip',
  }
  const bytesOf = async (more: Partial<TrainOptions>): Promise<Buffer> =>
    Buffer.from(encodeModel(await fit({ ...options, ...more })))

  /** The corners with z first. Text columns of cornerRecords hold line breaks: fields are moved, not parsed. */
  function permutedCorners(): string {
    const fields = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/gy
    const records: string[][] = [[]]
    for (const [, field, end] of cornersCsv(700).trimEnd().matchAll(fields)) {
      records.at(-1)!.push(field!)
      if (end !== ',' && end !== '') records.push([])
      if (end === '') break
    }
    return records.map(([x, text, z, ...rest]) => [z, ...rest, text, x].join(',')).join('\n')
  }

  it.each<[string, Partial<TrainOptions>]>([
    ['many lanes', {}],
    ['file order', { shuffle: false }],
    ['few weights, all dense', { categorical: [], numeric: 'z', interactions: 'z:"te,xt"', hashBits: 3 }],
    ['three classes', { target: 'kind', ignore: ['amount', 'late'] }],
    ['files with columns in another order', { input: [corners, permuted] }],
  ])('is the same for any workers and placement: %s', async (_name, more) => {
    const [one, ...others] = await Promise.all([
      bytesOf({ ...more, workers: 1, placement: 'inline' }),
      bytesOf({ ...more, workers: 2, placement: 'pool' }),
      bytesOf({ ...more, workers: 5, placement: 'pool' }),
    ])
    for (const other of others) expect(one.equals(other)).toBe(true)
    expect(one.equals(await bytesOf({ ...more, seed: 9, workers: 1 }))).toBe(false)
  })

  it('is nearly the same with the reference steps', async () => {
    const [wasm, reference] = await Promise.all(
      (['wasm', 'reference'] as const).map((backend) => fit({ ...options, backend, workers: 1 })),
    )
    expect(reference!.schema).toEqual(wasm!.schema)
    // f32 against f64 in z and dz, 28 steps of a rate of 0.1 that adagrad keeps to: an error of 2^-20 a step, amplified
    // at most as often as there are steps.
    reference!.categoryWeights.forEach((weight, i) => {
      expect(Math.abs(weight - wasm!.categoryWeights[i]!)).toBeLessThan(28 * 28 * 2 ** -20)
    })
  })

  it('predicts the same rows the same, in any order of columns', async () => {
    const model = join(folder, 'corners.safetensors')
    await fit({ ...options, out: model })
    const predictions = await Promise.all(
      [corners, permuted].map(async (file, i) => {
        const out = join(folder, `predictions-${i}.csv`)
        await predict({ model, input: file, out, workers: 1 + i })
        return readFileSync(out, 'utf8')
      }),
    )
    expect(predictions[1]).toBe(predictions[0])
    expect(new Set(predictions[0]!.split('\n')).size).toBeGreaterThan(100)
  })
})

describe('inspect', () => {
  it('shows interactions and their weights', async () => {
    const model = join(folder, 'trips.safetensors')
    await fit({ ...inOrder, input, interactions: 'from:to,x:from', out: model })
    const found = await inspect(model)
    if (found.kind !== 'model') throw new Error('a model was expected')
    expect(found.interactions).toEqual([
      { name: 'from:to', columns: ['from', 'to'], values: 9, buckets: 16 },
      { name: 'x:from', columns: ['x', 'from'], factor: 'x', values: 3, buckets: 16 },
    ])
    expect(found.options['interactions']).toBe('from:to,x:from')
    const pairs = found.heaviest.filter(({ column }) => column === 'from:to')
    expect(pairs.map(({ value }) => value)).toContain('t:u')
    const slope = found.heaviest.find(({ column }) => column === 'x:from')!
    const x = found.columns[2]!
    expect(slope.weightPerUnit).toBe(slope.weight / (x.kind === 'number' ? x.scale : NaN))
  })

  it('on the command line', () => {
    const main = join(import.meta.dirname, '../../dist/src/cli/main.js')
    const text = execFileSync(process.execPath, [main, 'inspect', join(folder, 'trips.safetensors')], {
      encoding: 'utf8',
    })
    expect(text).toMatch(/from:to +interaction +9 values, 16 buckets for others/)
    expect(text).toMatch(/x:from +interaction +slope of x for 3 values, 16 buckets for others/)
    expect(text).toMatch(/from:to +\+0\.9\d+ +75 +t:u/)
  })
})

describe('an interaction', () => {
  it.each<[string, Partial<TrainOptions>, string, RegExp, RegExp]>([
    ['of an unknown column', { interactions: 'form:to' }, 'UNKNOWN_COLUMN', /"form"/, /"from"/],
    [
      'of two numbers',
      { numeric: 'to', interactions: 'x:to' },
      'INTERACTION_OF_NUMBERS',
      /two numbers/,
      /--categorical x/,
    ],
    [
      'of the target',
      { interactions: 'from:late' },
      'INTERACTION_OF_NO_FEATURE',
      /"late" is the target/,
      /another/,
    ],
    [
      'of an ignored column',
      { ignore: 'x', interactions: 'from:x' },
      'INTERACTION_OF_NO_FEATURE',
      /"x" is no feature/,
      /--ignore/,
    ],
    [
      'of a date',
      { dates: 'x', interactions: 'from:x' },
      'INTERACTION_OF_NO_FEATURE',
      /"x" is a date/,
      /another/,
    ],
    [
      'of the weight',
      { weight: 'x', interactions: 'from:x' },
      'INTERACTION_OF_NO_FEATURE',
      /the weight/,
      /another/,
    ],
    ['of one column', { interactions: 'from:from' }, 'OPTION_VALUE', /pairs of two columns/, /./],
    ['given twice', { interactions: ['from:to', 'to:from'] }, 'OPTION_VALUE', /each pair once/, /./],
    ['of three columns', { interactions: 'from:to:x' }, 'OPTION_VALUE', /pairs of two columns/, /./],
  ])('%s is refused', async (_name, more, code, message, hint) => {
    const file = 'dates' in more ? dated() : 'weight' in more ? weighted() : input
    const run = fit({ ...inOrder, input: file, ...more })
    await expect(run).rejects.toMatchObject({
      code,
      kind: 'usage',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    })
  })

  const dated = () => write('dated.csv', tripsCsv(['from', 'x', 'late'], { x: () => '2001-01-31' }))
  const weighted = () => write('weighted.csv', tripsCsv(['from', 'x', 'late'], { x: () => '2' }))

  it('of a boolean has a slope', async () => {
    const file = write(
      'boolean.csv',
      tripsCsv(['from', 'b', 'late'], { b: ({ x }) => (x > 0 ? 'yes' : 'No') }),
    )
    const { schema } = await fit({ ...inOrder, input: file, interactions: 'b:from' })
    expect(schema.columns[1]).toMatchObject({ kind: 'boolean' })
    expect(schema.interactions).toMatchObject([{ values: ['p"q', 'r,s', 't'] }])
  })
})
