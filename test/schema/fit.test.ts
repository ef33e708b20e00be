/** What the sample says of the columns. Statistics worked out by hand from the texts below. */
import { describe, expect, it } from 'vitest'
import { Ends } from '../../workers/layout.js'
import { READ_AHEAD, SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { fitSchema } from '../../src/schema/fit.js'
import { HEAD_BYTES, HeadReader } from '../../src/schema/head.js'
import { setColumns, writeContext } from '../../src/schema/parse-context.js'
import { columnRoles, uniqueNames } from '../../src/schema/roles.js'
import type { Schema } from '../../src/schema/schema.js'
import { commas } from '../dialect.js'

const module = compileKernel()
const base = { ...commas, missingTokens: ['NA'] }
const roles = {
  features: undefined,
  ignore: [],
  numeric: [],
  categorical: [],
  dates: [],
  interactions: [],
  weight: undefined,
}
const inference = {
  loss: undefined,
  standardize: true,
  hashBits: undefined,
  limit: null,
  maxCategories: 1000,
  minCount: 1,
}

type Options = Partial<Parameters<typeof fitSchema>[5]>

function fit(text: string, target: string, options: Options = {}): Schema {
  const memory = new SharedMemory(module)
  const dialect = { ...base, header: true }
  const context = writeContext(memory, dialect)
  const bytes = Buffer.from(text)
  const { start } = memory.allocate('text', bytes.length + READ_AHEAD)
  const reader = new HeadReader(memory, context, true)
  memory.views.u8.set(bytes, start)
  const head = reader.read(start, bytes.length, Ends.Data, 'test')
  setColumns(memory, context, head.names.length)
  const chunk = { start: start + head.bytes, length: bytes.length - head.bytes, ends: Ends.Data }
  return fitSchema(memory, context, dialect, head.names, [chunk], {
    target,
    ...roles,
    ...inference,
    ...options,
  })
}

const column = (schema: Schema, name: string) => schema.columns.find((one) => one.name === name)

describe('the kind of a column', () => {
  const text = 'n,m,c,w,e,y\n1,5,"a,b",1,,1.5\n3,NA,"q""q",1,NA,2.5\n5,7,NA,2,,9\n7,9,"a,b",1,,4\n'

  it('is by its values', () => {
    const schema = fit(text, 'y', { weight: 'w' })
    // 1, 3, 5, 7: mean 4, deviation √((9 + 1 + 1 + 9) / 4) = √5.
    expect(column(schema, 'n')).toEqual({
      kind: 'number',
      name: 'n',
      mean: 4,
      scale: Math.sqrt(5),
      fill: 0,
      indicator: false,
      limit: null,
    })
    // 5, 7, 9 and one missing: mean 7, deviation √(8 / 3).
    expect(column(schema, 'm')).toMatchObject({
      kind: 'number',
      mean: 7,
      scale: Math.sqrt(8 / 3),
      indicator: true,
    })
    expect(column(schema, 'c')).toMatchObject({ kind: 'category', values: ['a,b', 'q"q'] })
    expect(column(schema, 'w')).toEqual({ kind: 'weight', name: 'w' })
    expect(column(schema, 'e')).toEqual({ kind: 'ignored', name: 'e' })
    // 1.5, 2.5, 9, 4: mean 4.25.
    expect(schema.target).toMatchObject({ kind: 'number', name: 'y', mean: 4.25 })
  })

  it('is by the options where they say so', () => {
    const schema = fit(text, 'y', {
      categorical: ['n'],
      ignore: ['m'],
      features: ['n', 'm'],
      hashBits: 5,
      standardize: false,
    })
    expect(column(schema, 'n')).toEqual({
      kind: 'category',
      name: 'n',
      values: ['1', '3', '5', '7'],
      buckets: 32,
      room: 996,
    })
    expect(column(schema, 'm')).toEqual({ kind: 'ignored', name: 'm' })
    expect(column(schema, 'c')).toEqual({ kind: 'ignored', name: 'c' })
    expect(schema.target).toEqual({ kind: 'number', name: 'y', mean: 0, scale: 1 })
  })

  it('is a number that does not explode where the sample is constant', () => {
    const schema = fit('a,b,y\n7,0,1\n7,0,2\n7,0,3\n', 'y')
    expect(column(schema, 'a')).toMatchObject({ mean: 7, scale: 7 })
    expect(column(schema, 'b')).toMatchObject({ mean: 0, scale: 1 })
  })

  it('is a category for whole numbers of a narrow range that are met often', () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => `${i % 12},${i % 1000},${i % 2},${i / 7}`)
    const schema = fit(`hour,minute,flag,y\n${rows.join('\n')}\n`, 'y')
    expect(column(schema, 'hour')).toMatchObject({
      kind: 'category',
      values: [...'0123456789'].concat('10', '11').sort(),
    })
    expect(column(schema, 'minute')).toMatchObject({ kind: 'number' })
    expect(column(schema, 'flag')).toMatchObject({ kind: 'number' })
  })
})

describe('the target', () => {
  const text = (values: readonly string[]) => `x,y\n${values.map((value, i) => `${i},${value}`).join('\n')}\n`

  it.each([
    [['0', '1', '0'], 'binary', ['0', '1']],
    [['10', '9', '9'], 'binary', ['9', '10']],
    [['b', 'a', 'NA'], 'binary', ['a', 'b']],
    [['c', 'b', 'a'], 'classes', ['a', 'b', 'c']],
  ])('of values %j is %s %j', (values, kind, classes) => {
    expect(fit(text(values), 'y').target).toEqual({ kind, name: 'y', classes })
  })

  it('is classes where the loss says so', () => {
    const values = ['3', '20', '100']
    expect(fit(text(values), 'y').target.kind).toBe('number')
    expect(fit(text(values), 'y', { loss: 'softmax' }).target).toEqual({
      kind: 'classes',
      name: 'y',
      classes: values,
    })
    expect(() => fit(text(values), 'y', { loss: 'logistic' })).toThrow(
      expect.objectContaining({ code: 'WRONG_NUMBER_OF_CLASSES', place: { column: 'y' } }),
    )
  })

  it('of more texts than classes may have is refused', () => {
    const values = Array.from({ length: 4097 }, (_, i) => `text ${i}`)
    expect(() => fit(text(values), 'y')).toThrow(expect.objectContaining({ code: 'TOO_MANY_CLASSES' }))
  })
})

describe('names of columns', () => {
  it('are made different from each other', () => {
    expect(uniqueNames(['a', '', 'a', 'b', 'a', ''])).toEqual(['a', 'c1', 'a_2', 'b', 'a_3', 'c5'])
    expect(uniqueNames(['__proto__', 'constructor', '__proto__'])).toEqual([
      '__proto__',
      'constructor',
      '__proto___2',
    ])
  })

  it('that are written in the header stay theirs', () => {
    expect(uniqueNames(['a', 'a', 'a_2', ''])).toEqual(['a', 'a_3', 'a_2', 'c3'])
    expect(uniqueNames(['', 'c0', 'c0_2', 'c0'])).toEqual(['c0_3', 'c0', 'c0_2', 'c0_4'])
  })

  it('may be half a million times the same', () => {
    const names = uniqueNames(Array.from({ length: 500_000 }, () => 'a'))
    expect(new Set(names).size).toBe(500_000)
  })

  it('that no column has are errors that name the nearest', () => {
    const given = { target: 'y', ...roles }
    expect(columnRoles(['x', 'y'], given)).toEqual(['feature', 'target'])
    expect(() => columnRoles(['month', 'y'], { ...given, ignore: ['mnoth'] })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_COLUMN', hint: 'did you mean "month"?' }),
    )
    expect(() => columnRoles(['a', 'b'], { ...given, target: 'qqqqqq' })).toThrow(
      expect.objectContaining({ hint: 'the columns are a, b' }),
    )
  })
})

describe('a head', () => {
  function read(text: string, header: boolean, ends = Ends.Data) {
    const memory = new SharedMemory(module)
    const context = writeContext(memory, { ...base, comment: '#' })
    const bytes = Buffer.from(text)
    const { start } = memory.allocate('text', bytes.length + READ_AHEAD)
    const reader = new HeadReader(memory, context, header)
    memory.views.u8.set(bytes, start)
    return reader.read(start, bytes.length, ends, 'test.csv')
  }

  it('is the first record, without byte order mark, blank lines and comments', () => {
    const text = '\ufeff\r\n# a comment\n"a,""1""\n",b,\r\n1,2,3\n'
    expect(read(text, true)).toEqual({
      names: ['a,"1"\n', 'b', 'c2'],
      bytes: Buffer.byteLength(text) - 6,
      line: 5,
    })
  })

  it('names the columns where there is no header', () => {
    expect(read('\ufeff1,"2",3\n', false)).toEqual({ names: ['c0', 'c1', 'c2'], bytes: 3, line: 1 })
  })

  it('that does not end is an error', () => {
    expect(() => read('', true)).toThrow(expect.objectContaining({ code: 'EMPTY_INPUT' }))
    const endless = '"'.padEnd(HEAD_BYTES, 'a')
    expect(() => read(endless, true, Ends.More)).toThrow(
      expect.objectContaining({ code: 'RECORD_TOO_LONG', place: { file: 'test.csv', line: 1, byte: 0 } }),
    )
  })
})
