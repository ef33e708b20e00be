/**
 * parseBlock against src/schema/reference-parser.ts: same rows (bit for bit), same bad rows, same bytes consumed, on
 * random documents cut into random blocks. The reference reads the whole document in one call; the kernel reads it in
 * windows and goes on at Consumed.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBlock } from '../../src/schema/reference-parser.js'
import { BadReason, ColumnOp, Ends } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import {
  allocateRegions,
  readResult,
  writeContext,
  type Outcome,
  type TestColumn,
  type TestContext,
} from './parse-setup.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 10_000 : 1_000
const TOKENS = ['NA', '?', 'n"a']

const MIXED: TestContext = {
  columns: [
    { op: ColumnOp.Number, word: 0, indicator: 2, mean: 0.5, inverseScale: 3, fill: 0.25, limit: 40 },
    {
      op: ColumnOp.Category,
      word: 4,
      values: ['a', 'bc', 'a,b', 'x"y', 'l\nm', 'été'],
      first: 10,
      buckets: 8,
      firstBucket: 16,
      missing: 24,
    },
    { op: ColumnOp.Skip },
    { op: ColumnOp.NumberLabel, word: 5 },
    { op: ColumnOp.Number, word: 1 },
    {
      op: ColumnOp.Category,
      word: 3,
      values: ['1', '2'],
      first: 30,
      buckets: 4,
      firstBucket: 32,
      missing: 40,
    },
  ],
  missingTokens: TOKENS,
  denseWords: 4,
  labelWord: 5,
  weightWord: 6,
  strideWords: 8,
}
const CLASSES: TestContext = {
  columns: [
    { op: ColumnOp.Weight, word: 6 },
    { op: ColumnOp.ClassLabel, word: 5, values: ['no', 'yes', '1'], first: 7 },
    { op: ColumnOp.Number, word: 0, indicator: 1 },
  ],
  missingTokens: [...TOKENS, '-1'],
  denseWords: 4,
  labelWord: 5,
  weightWord: 6,
  strideWords: 8,
  threshold: 2 ** 30,
  seed: 7,
}
/** Both categories take part in two pairs, and one has slopes. */
const PAIRS: TestContext = {
  ...MIXED,
  columns: MIXED.columns.map((column, i) => ({ ...column, ...{ 1: { part: 1 }, 5: { part: 0 } }[i] })),
  interactions: [
    {
      ...{ firstPart: 1, secondPart: 0, word: 7 },
      ...{ values: ['a\x1f1', 'x"y\x1f2', 'l\nm\x1f1', 'a,b\x1fother'], first: 50 },
      ...{ buckets: 8, firstBucket: 54, missing: 62 },
    },
    { firstPart: 0, secondPart: 1, word: 8, values: ['1\x1fa'], first: 70, buckets: 0, missing: 71 },
    { firstPart: 1, word: 9, values: ['x"y', 'bc'], first: 80, buckets: 2, firstBucket: 82, missing: 84 },
  ],
  labelWord: 5,
  strideWords: 12,
}
const CONTEXTS: Record<string, TestContext> = {
  mixed: MIXED,
  'mixed, held out': { ...MIXED, threshold: 2 ** 31, seed: 3 },
  'mixed, held out and not kept': { ...MIXED, threshold: 2 ** 31, seed: 4, keep: false },
  'comments and semicolons': { ...MIXED, delimiter: ';', quote: "'", comment: '#' },
  'decimal commas': { ...MIXED, delimiter: ';', decimal: ',' },
  interactions: PAIRS,
  'interactions, held out': { ...PAIRS, threshold: 2 ** 31, seed: 5 },
  'no quotes': { ...MIXED, delimiter: '\t', quote: '' },
  'classes and weights': CLASSES,
  'one column': { columns: [{ op: ColumnOp.Number, word: 0 }], denseWords: 4, weightWord: 4, strideWords: 8 },
}

const PAGES = 24
const MOST_BYTES = 1 << 17
const MOST_ROWS = 4096

/** Rows as hexadecimal, in the order in which they were read; bad rows at their place in the whole document. */
interface Parsed {
  rows: string[]
  validation: string[]
  bad: Outcome['bad']
  consumed: number
}

function setUp(context: TestContext) {
  const open = openKernel(PAGES)
  const address = writeContext(open, context)
  const stride = context.strideWords * 4
  const regions = allocateRegions(open, MOST_BYTES, MOST_ROWS * stride)
  const hexOf = (row: number): string => Buffer.from(open.bytes.slice(row, row + stride)).toString('hex')

  function collect(into: Parsed, offset: number, capacity: number): Outcome {
    const outcome = readResult(open.view, regions.result)
    const at = (index: number): number => regions.rows + index * stride
    for (let i = 0; i < outcome.rows; i += 1) into.rows.push(hexOf(at(i)))
    const kept = context.keep === false ? 0 : outcome.validationRows
    for (let i = 0; i < kept; i += 1) into.validation.push(hexOf(at(capacity - 1 - i)))
    if (context.keep === false) for (let i = 0; i < outcome.validationRows; i += 1) into.validation.push('')
    for (const bad of outcome.bad)
      into.bad.push({ ...bad, record: bad.record + offset, field: bad.field + offset })
    into.consumed = offset + outcome.consumed
    return outcome
  }

  /** What follows the bytes may be read and must not matter: it is made to look like data. */
  function place(document: Uint8Array): void {
    open.bytes.set(document, regions.bytes)
    open.bytes.fill(0x0a, regions.bytes + document.length, regions.bytes + document.length + 64)
    // Slots are reused: what is left in a row must not show.
    open.bytes.fill(0xa5, regions.rows, regions.rows + MOST_ROWS * stride)
  }

  function reference(document: Uint8Array, ends: Ends): Parsed {
    const parsed: Parsed = { rows: [], validation: [], bad: [], consumed: 0 }
    let outcome: Outcome
    do {
      const offset = parsed.consumed
      const rest = document.subarray(offset)
      place(rest)
      const { bytes, rows, result } = regions
      parseBlock(open.view, address, bytes, rest.length, ends, offset, rows, MOST_ROWS, result)
      outcome = collect(parsed, offset, MOST_ROWS)
    } while (outcome.consumed > 0 && outcome.bad.length > 0)
    return parsed
  }

  function kernel(
    document: Uint8Array,
    ends: Ends,
    windows: readonly number[],
    capacities: readonly number[],
  ): Parsed {
    const parsed: Parsed = { rows: [], validation: [], bad: [], consumed: 0 }
    let grow = 0
    for (let call = 0; ; call += 1) {
      const offset = parsed.consumed
      const length = Math.min(document.length - offset, (windows[call % windows.length] ?? 1) + grow)
      const last = offset + length === document.length
      const capacity = capacities[call % capacities.length] ?? 1
      place(document.subarray(offset, offset + length))
      const { bytes, rows, result, scratch } = regions
      const mode = last ? ends : Ends.More
      open.kernel.parseBlock(address, bytes, length, mode, offset, rows, capacity, result, scratch)
      const outcome = collect(parsed, offset, capacity)
      grow = outcome.consumed > 0 ? 0 : grow * 2 + 1
      if (last && outcome.consumed === 0) return parsed
      if (last && parsed.consumed === document.length) return parsed
    }
  }
  return { reference, kernel }
}

const number = fc.oneof(
  fc.tuple(fc.constantFrom('', '-', '+'), fc.nat(99999), fc.nat(9999)).map(([s, a, b]) => `${s}${a}.${b}`),
  fc.integer({ min: -1e9, max: 1e9 }).map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  fc.constantFrom(
    '-0',
    '.5',
    '5.',
    '-.25',
    '1e400',
    '1e39',
    '3.4028236e38',
    '12345678.87654321',
    '0.1234567890123456789',
  ),
)
const word = fc.constantFrom(
  'a',
  'bc',
  'yes',
  'no',
  '1',
  '2',
  'NA',
  ' NA ',
  '?',
  '',
  ' ',
  'été',
  '日本',
  '🙂',
  '-',
  '.',
  'e1',
  '1 ',
  ' 2.5',
  'inf',
  'nan',
  '0x10',
  '1-2',
  '1.2.3',
  '-1',
)
const nasty = fc.string({
  unit: fc.constantFrom('a', '"', "'", ',', ';', '\n', '\r', '\r\n', ' ', '#', '1', '\t'),
  maxLength: 8,
})

/** A value in quotes, where the dialect has any. */
function write(value: string, quote: string): string {
  return quote === '' ? value : quote + value.replaceAll(quote, quote + quote) + quote
}

function fieldOf(quote: string): fc.Arbitrary<string> {
  const quoted = (value: string): string => write(value, quote)
  return fc.oneof(
    { weight: 8, arbitrary: number },
    { weight: 3, arbitrary: word },
    { weight: 3, arbitrary: number.map(quoted) },
    { weight: 2, arbitrary: word.map(quoted) },
    { weight: 2, arbitrary: fc.constantFrom('a,b', 'x"y', 'l\nm', 'n"a').map(quoted) },
    { weight: 1, arbitrary: nasty.map(quoted) },
    { weight: 1, arbitrary: nasty },
  )
}

/** A field that its column takes, so that most rows are good ones. */
function goodField(column: TestColumn, quote: string, tokens: readonly string[]): fc.Arbitrary<string> {
  const quoted = (value: string): string => write(value, quote)
  const maybeQuoted = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: value.map(quoted) })
  const missing = fc.constantFrom('', ' ', ...tokens.map(quoted))
  const plain = fc.tuple(fc.integer({ min: -99999, max: 99999 }), fc.nat(9999)).map(([a, b]) => `${a}.${b}`)
  switch (column.op) {
    case ColumnOp.Number:
      return fc.oneof({ weight: 9, arbitrary: maybeQuoted(plain) }, { weight: 2, arbitrary: missing })
    case ColumnOp.NumberLabel:
      return maybeQuoted(plain)
    case ColumnOp.Weight:
      return maybeQuoted(fc.nat(99).map((weight) => String(weight / 4)))
    case ColumnOp.ClassLabel:
      return maybeQuoted(fc.constantFrom(...(column.values ?? [])))
    default: {
      const known = fc.constantFrom('other', ...(column.values ?? []))
      return fc.oneof({ weight: 5, arbitrary: known.map(quoted) }, { weight: 1, arbitrary: missing })
    }
  }
}

/** Nearly right: text, a blank or a line break by itself behind a closing quote, quotes within a field, a lone CR. */
function nearMiss(quote: string): fc.Arbitrary<string> {
  const q = quote
  return fc.constantFrom(
    ...[
      `${q}1${q}x`,
      `${q}1${q}2${q}`,
      `${q}1${q} `,
      `${q}1${q}\r`,
      `1${q}`,
      `1${q}2${q}`,
      ` ${q}1${q}`,
      '1\r',
      '\r1',
    ],
    ...[`${q}1${q}${q}`, `${q}${q}1`, `${q}${q}${q}`, q],
  )
}

/** Mostly good records; blank lines, comments, ragged and broken records among them. */
function documentOf(context: TestContext, most: number): fc.Arbitrary<string> {
  const delimiter = context.delimiter ?? ','
  const quote = context.quote ?? '"'
  const field = fc.oneof(fieldOf(quote), nearMiss(quote))
  const good = fc.tuple(
    ...context.columns.map((column) => goodField(column, quote, context.missingTokens ?? [])),
  )
  const oneChanged = fc
    .tuple(good, fc.nat(), field)
    .map(([fields, at, changed]) =>
      fields.map((old, index) => (index === at % fields.length ? changed : old)),
    )
  const any = fc.array(field, { maxLength: context.columns.length + 2 })
  const record = fc.oneof(
    { weight: 14, arbitrary: good },
    { weight: 2, arbitrary: oneChanged },
    { weight: 1, arbitrary: any },
  )
  const line = fc.oneof(
    { weight: 30, arbitrary: record.map((fields) => fields.join(delimiter)) },
    { weight: 1, arbitrary: fc.constantFrom('', '\r', '#', '#"', `# a${delimiter}"b`, '"') },
  )
  return (
    fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: most })
      .map((lines) => lines.map(([text, end]) => text + end).join(''))
      // With decimal commas a few points stay, and make bad rows.
      .map((text) => (context.decimal === ',' ? text.replace(/\.(?!12)/g, ',') : text))
      .chain((text) => fc.constantFrom(text, text.replace(/\r?\n$/, ''), `${text}\r`, `${text}"`))
  )
}

describe('parseBlock and the reference', () => {
  for (const [name, context] of Object.entries(CONTEXTS)) {
    const { reference, kernel } = setUp(context)
    const check = (
      text: string,
      ends: Ends,
      windows: number[],
      capacities: number[],
      damage: [number, number][],
    ): void => {
      const document = new TextEncoder().encode(text)
      for (const [at, byte] of damage) if (at < document.length) document[at] = byte
      expect(kernel(document, ends, windows, capacities)).toEqual(reference(document, ends))
    }
    const windows = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 })
    const capacities = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 })
    const ends = fc.constantFrom(Ends.More, Ends.Data)
    // Bytes that are, or may be, no UTF-8.
    const damageUpTo = (most: number) =>
      fc.array(fc.tuple(fc.nat(most), fc.constantFrom(0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0, 0xff)), {
        maxLength: 2,
      })

    it(`agree on small documents in small windows: ${name}`, () => {
      const cases = fc.property(documentOf(context, 12), ends, windows, capacities, damageUpTo(600), check)
      fc.assert(cases, { numRuns: Math.ceil(RUNS / 7) })
    })

    it(`agree on small documents of nothing but structure: ${name}`, () => {
      const bytes = fc.constantFrom('"', "'", ',', ';', '\t', '\n', '\r', '1', '#', ' ', 'a')
      const text = fc.string({ unit: bytes, maxLength: 60 })
      fc.assert(fc.property(text, ends, windows, capacities, damageUpTo(200), check), {
        numRuns: Math.ceil(RUNS / 7),
      })
    })

    it(`agree on long documents: ${name}`, () => {
      const long = fc
        .tuple(documentOf(context, 60), fc.integer({ min: 1, max: 12 }))
        .map(([text, times]) => text.repeat(times))
      const wide = fc.array(fc.integer({ min: 500, max: 60_000 }), { minLength: 1, maxLength: 3 })
      const roomy = fc.array(fc.integer({ min: 100, max: MOST_ROWS }), { minLength: 1, maxLength: 3 })
      const cases = fc.property(long, ends, wide, roomy, damageUpTo(60_000), check)
      fc.assert(cases, { numRuns: Math.ceil(RUNS / 35) })
    })
  }
})

describe('one odd field in a long document', () => {
  // Long enough for the fast way, which must leave or read the odd record exactly as the reference does. Every kind of
  // odd field, in every column, quoted good ones around it or not.
  const GOOD: Record<string, string> = { mixed: '1.5,bc,x,2,-3.25,2', 'classes and weights': '0.5,yes,-2.5' }
  const ODD = [
    '',
    '-1',
    '"-1"',
    ' -1',
    '"a,b"',
    '"x""y"',
    '"l\nm"',
    '1"2"',
    'xy"z"',
    'b"c',
    '"a"x',
    '"a" ',
    '"a"\r',
    '"a',
    '1\r',
    '\r',
    '1e400',
    '"NA"',
    'n"a',
    '"n""a"',
    '1,1',
  ]
  const cases = Object.entries(GOOD).flatMap(([name, good]) =>
    ODD.map((odd): [string, string, string] => [odd, name, good]),
  )
  const setUps = new Map(Object.keys(GOOD).map((name) => [name, setUp(CONTEXTS[name] ?? MIXED)]))

  it.each(cases)('%j in %s', (odd, name, good) => {
    const { reference, kernel } = setUps.get(name) ?? setUp(MIXED)
    const fields = good.split(',')
    for (let column = 0; column < fields.length; column += 1) {
      for (const end of ['\n', '\r\n']) {
        const record = fields.map((field, index) => (index === column ? odd : field)).join(',')
        const document = new TextEncoder().encode(
          [...Array<string>(150).fill(good), record, ...Array<string>(50).fill(good), ''].join(end),
        )
        expect(kernel(document, Ends.Data, [1 << 16], [1000])).toEqual(reference(document, Ends.Data))
      }
    }
  })

  it('reads values with doubled quotes that take more room than the list of structure leaves', () => {
    const { reference, kernel } = setUps.get('mixed') ?? setUp(MIXED)
    const long = `1.5,"${'""ab'.repeat(3000)}",x,2,-3.25,2\n`
    const document = new TextEncoder().encode(
      '1.5,bc,x,2,-3.25,2\n'.repeat(100) + long + '1.5,a,x,2,-3.25,1\n'.repeat(100),
    )
    expect(kernel(document, Ends.Data, [1 << 16], [1000])).toEqual(reference(document, Ends.Data))
  })
})

describe('parseBlock by hand', () => {
  const { kernel } = setUp(MIXED)
  const badOf = (text: string): Outcome['bad'] =>
    kernel(new TextEncoder().encode(text), Ends.Data, [1 << 16], [100]).bad

  // Every expected place is counted by hand.
  it.each([
    ['1,a,,2,3', { reason: BadReason.TooFewFields, column: 5, field: 8, fieldLength: 0, fields: 5 }],
    ['1,a,,2,3,1,9,9', { reason: BadReason.TooManyFields, column: 6, field: 11, fieldLength: 1, fields: 8 }],
    ['x y,a,,2,3,1', { reason: BadReason.NotANumber, column: 0, field: 0, fieldLength: 3, fields: 6 }],
    ['1,a,,NA,3,1', { reason: BadReason.MissingLabel, column: 3, field: 5, fieldLength: 2, fields: 6 }],
    ['1,"a"b,,2,3,1', { reason: BadReason.TextAfterQuote, column: 1, field: 2, fieldLength: 4, fields: 6 }],
    ['1,a,,2,3,"1', { reason: BadReason.UnterminatedQuote, column: 5, field: 9, fieldLength: 2, fields: 6 }],
    ['1,a,,"2,5",3,1', { reason: BadReason.NotANumber, column: 3, field: 5, fieldLength: 5, fields: 6 }],
    ['1,a,,2,1e39,1', { reason: BadReason.OutOfRange, column: 4, field: 7, fieldLength: 4, fields: 6 }],
  ])('names the fault in %j', (line, expected) => {
    expect(badOf(line)).toEqual([{ ...expected, record: 0, recordLength: line.length }])
    expect(badOf(`1,a,,2,3,1\r\n${line}`)).toEqual([
      { ...expected, field: expected.field + 12, record: 12, recordLength: line.length },
    ])
  })

  it('names the first of several faults, and goes on after it', () => {
    const text = 'x,a,,y,3\n1,a,,2,3,1\n'
    const parsed = kernel(new TextEncoder().encode(text), Ends.Data, [1 << 16], [100])
    expect(parsed.bad.map((bad) => [bad.reason, bad.column])).toEqual([[BadReason.NotANumber, 0]])
    expect(parsed.rows.length).toBe(1)
    expect(parsed.consumed).toBe(text.length)
  })
})
