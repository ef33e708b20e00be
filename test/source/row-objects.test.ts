import { Readable } from 'node:stream'
import { parseString } from 'fast-csv'
import fc from 'fast-check'
import { concatMap, delay, from, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { InputSource } from '../../src/options.js'
import { openSource } from '../../src/source/open-source.js'
import type { StreamSource } from '../../src/source/source.js'
import { readAll, someText } from './bytes.js'

const never = () => new AbortController().signal

async function open(input: InputSource, stopped = never()): Promise<StreamSource> {
  return (await openSource(input, { encoding: undefined, stopped })) as StreamSource
}

async function bytesOf(input: InputSource, size?: number): Promise<Buffer> {
  const source = await open(input)
  const bytes = await readAll(source.parts[0]!.open(), size)
  source.close()
  return bytes
}

const text = async (input: InputSource) => (await bytesOf(input)).toString()

async function* each<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  for (const value of values) yield value
}

describe('rows as objects', () => {
  const rows = [
    { a: 1, b: 'x' },
    { b: 'y', a: -0.5 },
  ]
  const csv = 'a,b\n1,x\n-0.5,y\n'

  it('become a CSV, from an array, an AsyncIterable, a Readable and an Observable', async () => {
    expect(await text(rows)).toBe(csv)
    expect(await text(each(rows))).toBe(csv)
    expect(await text(Readable.from(rows))).toBe(csv)
    expect(await text(from(rows))).toBe(csv)
    expect(await text(from(rows).pipe(concatMap((row) => of(row).pipe(delay(2)))))).toBe(csv)
  })

  it('are canonical, and only an array can be opened again', async () => {
    expect(await open(rows)).toMatchObject({ canonical: true, readOnce: false })
    expect(await open(each(rows))).toMatchObject({ canonical: true, readOnce: true })
    expect(await open(from(rows))).toMatchObject({ canonical: true, readOnce: true })
    const { parts } = await open(rows)
    expect((await readAll(parts[0]!.open())).equals(await readAll(parts[0]!.open()))).toBe(true)
  })

  // Oracle: by hand, from RFC 4180 and ISO 8601.
  it.each([
    ['a number', 1e21, '1e+21'],
    ['no number', NaN, ''],
    ['an infinite number', -Infinity, '-Infinity'],
    ['a bigint', 2n ** 70n, '1180591620717411303424'],
    ['null', null, ''],
    ['undefined', undefined, ''],
    ['true', true, 'true'],
    ['a date', new Date(Date.UTC(2001, 1, 3, 4, 5, 6, 7)), '2001-02-03T04:05:06.007Z'],
    ['no date', new Date(NaN), ''],
    ['text with a comma', 'a,b', '"a,b"'],
    ['text with quotes', 'a "b"', '"a ""b"""'],
    ['text with a line break', 'a\nb', '"a\nb"'],
    ['text with blanks around', ' a', '" a"'],
    ['a list', [1, 'a', 3n], '"[1,""a"",""3""]"'],
    ['an object', { a: null }, '"{""a"":null}"'],
    ['bytes', Buffer.from('é,'), '"é,"'],
  ])('%s is written as it is read', async (_, value, expected) => {
    expect(await text([{ a: value, b: 1 }])).toBe(`a,b\n${expected},1\n`)
  })

  it('lack what they lack, but have no more keys than the first', async () => {
    expect(await text([{ a: 1, b: 2 }, { b: 3 }, {}])).toBe('a,b\n1,2\n,3\n,\n')
    await expect(text([{ late: 1 }, { late: 2 }, { lat: 3 }])).rejects.toMatchObject({
      code: 'UNKNOWN_KEY',
      message: expect.stringContaining('row 3 has the key "lat"') as string,
      hint: 'did you mean "late"?',
    })
  })

  it('lack what only their prototype has', async () => {
    const first = Object.fromEntries(['constructor', '__proto__', 'a'].map((name) => [name, 1]))
    expect(await text([first, { a: 2 }])).toBe('constructor,__proto__,a\n1,1,1\n,,2\n')
  })

  it('of one empty field are no blank lines', async () => {
    expect(await text([{ a: '' }, { a: null }, { a: 1 }])).toBe('a\n""\n""\n1\n')
  })

  it('with half a surrogate pair are no UTF-8', async () => {
    expect((await bytesOf([{ a: 'é\ud83d' }])).toString('latin1')).toBe('a\n\xc3\xa9\xff\n')
  })

  it.each([
    ['a number', [1], 'NOT_A_ROW'],
    ['null', [null], 'NOT_A_ROW'],
    ['a list', [{ a: 1 }, [1]], 'NOT_A_ROW'],
    ['no keys', [{}], 'NOT_A_ROW'],
    ['bytes after a row', [{ a: 1 }, Buffer.from('1')], 'NOT_A_ROW'],
    ['a function', [{ a: () => 1 }], 'NOT_A_VALUE'],
  ])('that are %s are an error', async (_, given, code) => {
    await expect(text(each(given) as InputSource)).rejects.toMatchObject({ code, kind: 'run' })
  })

  it('that cannot be written are an error, not a fault', async () => {
    const circular: { a?: unknown } = {}
    circular.a = circular
    await expect(text([{ x: circular }])).rejects.toMatchObject({ code: 'NOT_A_VALUE' })
  })

  it('hold what fast-csv reads from what was written', async () => {
    const value = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', '\t', 'é', '😀', '#') }),
      fc.double({ noNaN: true }),
    )
    const property = fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1 }), async (pairs) => {
      const written = await bytesOf(
        pairs.map(([a, b]) => ({ 'a,"': a, ' b': b })),
        7,
      )
      const records: string[][] = []
      for await (const record of parseString(written.toString())) records.push(record as string[])
      expect(records).toEqual([['a,"', ' b'], ...pairs.map((pair) => pair.map(String))])
    })
    await fc.assert(property, { numRuns: 30 })
  })
})

describe('a failing input', () => {
  const cause = new Error('out of paper')

  it('is READ_FAILED, with what it threw as the cause', async () => {
    async function* failing() {
      yield { a: 1 }
      throw cause
    }
    async function* failingBytes() {
      yield Buffer.from('a\n')
      throw cause
    }
    async function* failingAtOnce(): AsyncGenerator<Uint8Array> {
      throw cause
    }
    for (const input of [failing(), failingBytes(), failingAtOnce(), throwError(() => cause)]) {
      const source = text(input as InputSource)
      await expect(source).rejects.toMatchObject({ code: 'READ_FAILED', kind: 'run', cause })
    }
  })
})

describe('bytes', () => {
  const whole = someText(300_000)

  it('come in chunks of any size, as bytes or as text', async () => {
    const chunks = [
      whole.subarray(0, 1),
      whole.subarray(1, 1),
      whole.subarray(1, 200_000),
      whole.subarray(200_000),
    ]
    expect((await bytesOf(each(chunks), 1000)).equals(whole)).toBe(true)
    expect((await bytesOf(Readable.from(chunks))).equals(whole)).toBe(true)
    expect((await bytesOf(Readable.from([whole]).setEncoding('utf8') as InputSource)).equals(whole)).toBe(
      true,
    )
    const web = Readable.toWeb(Readable.from(chunks, { objectMode: false }))
    expect((await bytesOf(web as AsyncIterable<Uint8Array>)).equals(whole)).toBe(true)
  })

  it('may be none', async () => {
    expect(await bytesOf(each<Uint8Array>([]))).toHaveLength(0)
  })

  it('are not mixed with anything else', async () => {
    const mixed = each<unknown>([Buffer.from('a\n'), { a: 1 }]) as AsyncIterable<Uint8Array>
    await expect(bytesOf(mixed)).rejects.toMatchObject({ code: 'NOT_BYTES' })
  })

  it('are compressed or not by content', async () => {
    const { gzipSync } = await import('node:zlib')
    expect((await bytesOf(each([gzipSync(whole)]))).equals(whole)).toBe(true)
  })
})

describe('a stop', () => {
  it.each([
    [
      'bytes',
      () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }),
    ],
    ['an Observable', () => ({ subscribe: () => ({ unsubscribe: () => undefined }) })],
  ])('ends the wait for %s that never come', async (_, make) => {
    const stop = new AbortController()
    const opening = open(make() as InputSource, stop.signal).then((source) =>
      readAll(source.parts[0]!.open()),
    )
    setTimeout(() => stop.abort(), 5)
    expect(await opening).toHaveLength(0)
  })

  it('ends a subscription', async () => {
    let left = false
    const silent = { subscribe: () => ({ unsubscribe: () => (left = true) }) } as unknown as InputSource
    const source = await open(silent)
    const reading = source.parts[0]!.open().read(new Uint8Array(9))
    source.close()
    expect(await reading).toBe(0)
    await new Promise(setImmediate)
    expect(left).toBe(true)
  })
})
