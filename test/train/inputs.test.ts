/** Inputs as people have them: columns in another order, other delimiters, damaged first lines. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { encodeModel, saveModel } from '../../src/artifact/index.js'
import { evaluate, predict, train as train$ } from '../../src/index.js'
import { fit, linear } from '../linear.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

interface Row {
  x: string
  c: string
  w: string
  y: string
}

function row(i: number): Row {
  const x = i % 13 === 0 ? '' : (scattered(i) * 100).toFixed(2)
  const c = ['red', '"pale, blue"', '"two\nlines"', 'a ""b"" c'][i % 4]!
  return {
    x,
    c: i % 4 === 3 ? `"${c}"` : c,
    w: String(1 + (i % 3)),
    y: scattered(i, 0.7548776662) > 0.4 ? 'yes' : 'no',
  }
}

/** Rows `from` to `to` with the columns in this order; a name that no row has is a column of its own. */
function csv(order: string, from: number, to: number, delimiter = ','): string {
  const rows = Array.from({ length: to - from }, (_, i) => row(from + i))
  const line = (values: Record<string, string>) =>
    [...order].map((name) => values[name] ?? 'extra').join(delimiter)
  const header = Object.fromEntries([...order].map((name) => [name, name]))
  return [header, ...rows.map((values) => ({ ...values }))].map((values) => `${line(values)}\n`).join('')
}

const options = { target: 'y', weight: 'w', validation: 0.2, epochs: 2, batchSize: 64, seed: 5, workers: 1 }
const train = (input: string[], more: Partial<TrainOptions> = {}) => fit({ input, ...options, ...more })
const bytesOf = (model: Model) => Buffer.from(encodeModel(model))

describe('files with their columns in another order', () => {
  const first = write('first.csv', csv('xcwy', 0, 400))
  // Every line is as long as in the other order, so that lanes, blocks and held-out rows are the same.
  const same = [first, write('same.csv', csv('xcwy', 400, 900)), write('third.csv', csv('xcwy', 900, 1000))]
  const other = [
    first,
    write('other.csv', csv('wycx', 400, 900)),
    write('fourth.csv', csv('cywx', 900, 1000)),
  ]

  it.each<[string, Partial<TrainOptions>]>([
    ['lanes', {}],
    ['lanes and borders everywhere', { lanes: 17, blockBytes: 96, workers: 3 }],
    ['one lane', { lanes: 1 }],
    ['file order', { shuffle: false, blockBytes: 96, workers: 2 }],
  ])('give the same model: %s', async (_name, more) => {
    const [one, two] = await Promise.all([train(same, more), train(other, more)])
    expect(bytesOf(one).equals(bytesOf(two))).toBe(true)
    expect(one.provenance.rows.read).toBe(1000)
  })

  it('may have more columns than the first', async () => {
    const wider = write('wider.csv', csv('axbycwd', 400, 900))
    const model = await train([first, wider], { validation: 0 })
    expect(model.provenance.rows).toEqual({ read: 900, trained: 900, validation: 0, skipped: 0 })
    expect(model.schema.columns.map(({ name }) => name)).toEqual(['x', 'c', 'w', 'y'])
  })

  it('name the column and the fields of a bad row as its own file has them', async () => {
    const bad = write('bad.csv', `${csv('wyxc', 0, 3)}1,yes,oops,red\n`)
    await expect(train([first, bad])).rejects.toMatchObject({
      code: 'NOT_A_NUMBER',
      place: { file: bad, column: 'x', byte: readFileSync(bad, 'utf8').indexOf('oops') },
    })
    const ragged = write('ragged.csv', `${csv('wyxcz', 0, 3)}1,yes\n`)
    await expect(train([first, ragged])).rejects.toThrow('expected 5 fields, found 2')
  })

  it('are predicted and evaluated by name, each file for itself', async () => {
    const path = join(folder, 'model.safetensors')
    await saveModel(path, await train(same))
    const out = join(folder, 'out.csv')
    const predicted = async (input: string[]) => {
      const { rows } = await predict({ model: path, input, keep: 'c,x', out, workers: 2 })
      return { rows, text: readFileSync(out, 'utf8') }
    }
    // The target is not needed, and other columns do not matter.
    const without = write('without.csv', csv('zcxz', 400, 900))
    const expected = await predicted(same.slice(0, 2))
    expect(await predicted(other.slice(0, 2))).toEqual(expected)
    expect(await predicted([first, without])).toEqual(expected)
    const scored = { model: path, workers: 1 }
    expect(await evaluate({ ...scored, input: other })).toEqual(await evaluate({ ...scored, input: same }))
    const lacking = write('lacking.csv', csv('cwy', 0, 10))
    await expect(predicted([first, lacking])).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
      place: { file: lacking },
    })
  })
})

describe('a delimiter', () => {
  const comma = write('comma.csv', csv('xcwy', 0, 500))

  it.each([
    ['semicolon', ';'],
    ['tab', '\t'],
    ['pipe', '|'],
  ])('is found: %s', async (name, delimiter) => {
    const input = write(`${name}.csv`, csv('xcwy', 0, 500, delimiter))
    // The same bytes but for the delimiters, which are as long: the same model but for its dialect.
    const [model, expected] = await Promise.all([train([input]), train([comma])])
    expect(model.schema.dialect.delimiter).toBe(delimiter)
    expect({ ...model, schema: undefined }).toEqual({ ...expected, schema: undefined })
    const path = join(folder, `${name}.safetensors`)
    await saveModel(path, model)
    // A file that has not the delimiter of the model may have another.
    const scored = { model: path, workers: 1 }
    expect(await evaluate({ ...scored, input: comma })).toEqual(await evaluate({ ...scored, input }))
  })

  it('that is none of the usual ones has to be given', async () => {
    const input = write('odd.csv', 'a^b^y\n1^2^3\n')
    await expect(train([input], { weight: undefined })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      hint: expect.stringContaining('--delimiter') as string,
    })
    const plain = write('plain.csv', '1,2,3\n4,5,6\n')
    await expect(train([plain], { weight: undefined })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      hint: expect.stringContaining('--no-header') as string,
    })
  })
})

describe('compressed files', () => {
  const orders = ['xcwy', 'wycx', 'xcwy', 'ycxw', 'cxwy', 'xcwy', 'xcwy', 'xcwy', 'wxcy']
  const texts = orders.map((order, i) => csv(order, i * 300, i * 300 + 300))
  const plain = texts.map((text, i) => write(`part-${i}.csv`, text))
  const parts = texts.map((text, i) => write(`part-${i}.csv.gz`, gzipSync(text)))

  it.each<[string, string[], Partial<TrainOptions>, number]>([
    ['nine', parts, {}, 9],
    ['nine, blocks with few records', parts, { blockBytes: 128, batchSize: 500 }, 9],
    ['nine in four lanes', parts, { lanes: 4 }, 4],
    ['two', parts.slice(0, 2), { blockBytes: 128 }, 2],
    ['one', parts.slice(0, 1), { blockBytes: 128 }, 1],
    ['nine in one lane', parts, { lanes: 1 }, 1],
    // The compressed one is so small that it shares a lane.
    ['a compressed one and plain ones', [...parts.slice(0, 1), ...plain.slice(1)], {}, 8],
  ])('give the same bits for 1, 2 and 3 workers: %s', async (_name, input, more, lanes) => {
    const runs = [1, 2, 3].map(async (workers) => {
      const events = await lastValueFrom(train$({ input, ...options, ...more, workers }).pipe(toArray()))
      expect(events[0]).toMatchObject({ type: 'start', lanes })
      const done = events.at(-1)!
      if (done.type !== 'done') throw new Error('the last event is done')
      const read = input.length * 300
      expect(done.rows.read).toBe(read)
      expect(done.rows.trained + done.rows.validation).toBe(read)
      return bytesOf(linear(done.model))
    })
    const [one, ...others] = await Promise.all(runs)
    expect(others.map((other) => other.equals(one!))).toEqual([true, true])
  })

  it('in file order give the weights of plain files', async () => {
    // Held-out rows are drawn by position, which for a compressed file is another one.
    const more = { shuffle: false, validation: 0, numeric: 'x' }
    // One file: its start, which is all of it, is the sample of both. No number is beyond the ±8 that a stream is clamped to.
    const [one, two] = await Promise.all([parts, plain].map((input) => train(input.slice(0, 1), more)))
    expect(one!.weights).toEqual(two!.weights)
    expect(one!.bias).toEqual(two!.bias)
  })

  it('are not clamped where nothing is standardised: ±8 would be in the units of the data', async () => {
    const standing = { shuffle: false, validation: 0, numeric: 'x', standardize: false }
    const { schema } = await train(parts.slice(0, 1), standing)
    expect(schema.columns.find(({ name }) => name === 'x')).toMatchObject({ scale: 1, limit: null })
  })

  it('are predicted as plain files are', async () => {
    const path = join(folder, 'gz.safetensors')
    await saveModel(path, await train(plain))
    const texts = await Promise.all(
      [plain, parts].map(async (input, i) => {
        const out = join(folder, `gz-${i}.csv`)
        await predict({ model: path, input, out, keep: 'x', workers: 1 })
        return readFileSync(out, 'utf8')
      }),
    )
    expect(texts[1]).toBe(texts[0])
  })
})

describe('the first lines', () => {
  it.each<[string, string | Buffer, object]>([
    ['an empty file', '', { code: 'EMPTY_INPUT' }],
    ['a byte order mark and nothing', '\ufeff', { code: 'EMPTY_INPUT' }],
    ['comments only', '# a\n# b\n\n', { code: 'EMPTY_INPUT' }],
    ['a header only', '# a\nx,y\n', { code: 'NO_ROWS', place: { line: 3, byte: 8 } }],
    ['a header and comments', 'x,y\n# 1,2\n', { code: 'NO_ROWS', place: { line: 2, byte: 4 } }],
    ['rows of another length', 'x,y\n\n1;2\n', { code: 'NO_ROWS', place: { line: 3, byte: 5 } }],
    [
      'a quote that is never closed in the header',
      'x,"y\n1,2\n3,4\n',
      { code: 'UNTERMINATED_QUOTE', place: { line: 1, byte: 2 } },
    ],
    [
      'a quote in the header that a later one closes',
      '\ufeffx,"y\n1,"a"\n',
      { code: 'TEXT_AFTER_QUOTE', place: { line: 1, byte: 5 } },
    ],
    [
      'a quote that is never closed in the first row',
      '"x",y\n1,"2\n3,4\n',
      { code: 'UNTERMINATED_QUOTE', place: { line: 2, byte: 8, column: 'y' } },
    ],
    [
      'a header that is not UTF-8',
      Buffer.from('x,\xe9,y\n1,2,3\n', 'latin1'),
      { code: 'INVALID_UTF8', place: { line: 1 } },
    ],
  ])('%s: a clear error', async (_name, text, { place, ...error }: { place?: object }) => {
    const input = write('head.csv', text)
    for (const more of [{}, { shuffle: false }, { lanes: 9 }]) {
      const run = train([input], { weight: undefined, comment: '#', ...more })
      await expect(run).rejects.toMatchObject({
        ...error,
        kind: 'run',
        place: { file: input, ...place },
        hint: expect.stringMatching(/./) as string,
      })
    }
  })

  it('may be a header and one row', async () => {
    const input = write('one.csv', 'x,y\n1,2')
    expect((await train([input], { weight: undefined, validation: 0 })).provenance.rows.read).toBe(1)
  })
})
