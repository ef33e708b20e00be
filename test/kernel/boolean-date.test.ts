/**
 * Booleans and dates in the kernel against src/schema/reference-parser.ts, on random fields: the same rows, bit for bit,
 * and the same bad rows. What a date means is checked against ECMAScript's Date in test/schema/dates.test.ts.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBlock } from '../../src/schema/reference-parser.js'
import { BadReason, BadRows, ColumnOp, Ends } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { allocateRegions, readResult, writeContext, type Outcome, type TestContext } from './parse-setup.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 20_000 : 1_000

const CONTEXT: TestContext = {
  columns: [
    { op: ColumnOp.Boolean, word: 0, indicator: 1, mean: 0.25, inverseScale: 3, fill: 0.5 },
    {
      op: ColumnOp.Date,
      indicator: 7,
      parts: [
        { op: ColumnOp.Number, word: 2, mean: 2000, inverseScale: 0.5, fill: 1, limit: 8 },
        { op: ColumnOp.Number, word: 3, fill: 2 },
        { op: ColumnOp.Number, word: 4, mean: 4, fill: 3 },
        { op: ColumnOp.Number, word: 5, inverseScale: 1 / 24, fill: 4 },
        { op: ColumnOp.Number, word: 6, mean: 1e9, inverseScale: 1e-6, fill: 5 },
      ],
    },
    { op: ColumnOp.Boolean, word: 8 },
  ],
  missingTokens: ['NA', '?', 'n"a', '7', 'f'],
  denseWords: 12,
  weightWord: 12,
  strideWords: 16,
}
const STRIDE = CONTEXT.strideWords * 4
const MOST_BYTES = 1 << 15
const MOST_ROWS = 512

function setUp() {
  const open = openKernel(24)
  const context = writeContext(open, CONTEXT)
  const regions = allocateRegions(open, MOST_BYTES, MOST_ROWS * STRIDE)
  const { bytes, rows, result, scratch } = regions

  /** All rows as hexadecimal and all bad rows, by as many calls as the list of bad rows needs. */
  function parse(document: Buffer, call: (length: number, offset: number) => void) {
    const parsed: { rows: string[]; bad: Outcome['bad'] } = { rows: [], bad: [] }
    for (let offset = 0; offset < document.length;) {
      const rest = document.subarray(offset)
      open.bytes.set(rest, bytes)
      open.bytes.fill(0x30, bytes + rest.length, bytes + rest.length + 64)
      open.bytes.fill(0xa5, rows, rows + MOST_ROWS * STRIDE)
      call(rest.length, offset)
      const outcome = readResult(open.view, result)
      for (let i = 0; i < outcome.rows; i++) {
        const row = rows + i * STRIDE
        parsed.rows.push(Buffer.from(open.bytes.slice(row, row + STRIDE)).toString('hex'))
      }
      for (const bad of outcome.bad)
        parsed.bad.push({ ...bad, record: bad.record + offset, field: bad.field + offset })
      offset += outcome.consumed
      expect(outcome.consumed).toBeGreaterThan(0)
    }
    return parsed
  }
  return {
    kernel: (document: Buffer) =>
      parse(document, (length, offset) =>
        open.kernel.parseBlock(context, bytes, length, Ends.Data, offset, rows, MOST_ROWS, result, scratch),
      ),
    reference: (document: Buffer) =>
      parse(document, (length, offset) =>
        parseBlock(open.view, context, bytes, length, Ends.Data, offset, rows, MOST_ROWS, result),
      ),
  }
}

const digits = (count: number) => fc.nat(10 ** count - 1).map((n) => String(n).padStart(count, '0'))
const near = (most: number, count: number) => fc.nat(most).map((n) => String(n).padStart(count, '0'))
const day = fc.oneof(
  fc
    .tuple(fc.oneof(near(2400, 4), digits(4)), near(13, 2), near(32, 2))
    .chain(([y, m, d]) =>
      fc.constantFrom(`${y}-${m}-${d}`, `${y}${m}${d}`, `${y}-${m}`, `${y}-${m}${d}`, `${y}${m}-${d}`),
    ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
)
const time = fc
  .tuple(
    near(24, 2),
    near(60, 2),
    near(60, 2),
    fc.nat(),
    fc.constantFrom('', 'Z', 'z', '+02', '-0330', '+23:59', '+24:00', '-1', ' '),
  )
  .chain(([h, m, s, f, offset]) =>
    fc
      .constantFrom(
        `${h}:${m}`,
        `${h}:${m}:${s}`,
        `${h}:${m}:${s}.${f}`,
        `${h}:${m}:${s},${f}`,
        `${h}${m}`,
        `${h}${m}${s}`,
        `${h}${m}${s}.${f}`,
        `${h}:${m}${s}`,
        h,
        `${h}:${m}:`,
      )
      .map((clock) => clock + offset),
  )
const date = fc.oneof(
  day,
  fc.tuple(day, fc.constantFrom('T', 't', ' ', '  ', ''), time).map((parts) => parts.join('')),
  fc.double({ noNaN: true, min: -1e14, max: 1e14 }).map(String),
  fc.integer({ min: -1e9, max: 2e9 }).map(String),
  fc
    .tuple(fc.integer(), fc.constantFrom('000', '000000', '000000000', 'e9', 'e13'))
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '1e11',
    '99999999999',
    '1e14',
    '1e17',
    '-1e17',
    '8.64e21',
    '8.65e21',
    '1e300',
    '-1e-20',
    '-0',
    '0',
  ),
)
const truth = fc.mixedCase(
  fc.constantFrom(
    'true',
    'false',
    'yes',
    'no',
    't',
    'f',
    'y',
    'n',
    'on',
    'tru',
    'falsee',
    'trueyes',
    '@',
    '1',
    '0',
    '1.0',
    '-0',
    '0e5',
    '2',
  ),
)
const odd = fc.oneof(
  fc.constantFrom('', 'NA', ' ? ', '"n""a"', '7', '7.0', 'F', 'f'),
  fc.string({
    unit: fc.constantFrom('2', '0', '1', '-', ':', 'T', ' ', '.', 'e', '+', 'Z', 't', '\0', 'é'),
    maxLength: 12,
  }),
)
/** A field as it is, in quotes, with blanks, or with one character changed. */
const written = (value: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: odd }), fc.nat(20), fc.nat(40))
    .map(([text, how, at]) => {
      if (how === 0 && !text.startsWith('"')) return `"${text}"`
      if (how === 1 && !text.startsWith('"')) return ` ${text}\t`
      if (how === 2 && !text.includes('"')) return text.slice(0, at) + ':' + text.slice(at + 1)
      return text
    })
const record = fc.tuple(written(truth), written(date), written(truth)).map((fields) => fields.join(','))

describe('booleans and dates', () => {
  it('are read by the kernel as by the reference', () => {
    const { kernel, reference } = setUp()
    let [good, bad] = [0, 0]
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 80 }),
        fc.constantFrom('\n', '\r\n'),
        (records, end) => {
          const document = Buffer.from(records.join(end) + end)
          const expected = reference(document)
          expect(kernel(document)).toEqual(expected)
          good += expected.rows.length
          bad += expected.bad.length
        },
      ),
      { numRuns: RUNS },
    )
    // The property would hold of nothing but bad rows, too.
    expect(good).toBeGreaterThan(RUNS)
    expect(bad).toBeGreaterThan(RUNS)
  })

  it('that are none are bad rows with a reason of their own', () => {
    const { kernel } = setUp()
    // By hand: what is wrong with each record, in which column.
    const cases: [record: string, reason: BadReason, column: number][] = [
      ['maybe,2001-01-31,no', BadReason.NotABoolean, 0],
      ['2,2001-01-31,no', BadReason.NotABoolean, 0],
      ['true,2001-02-31,no', BadReason.NotADate, 1],
      ['true,2001-01-31T25:00,no', BadReason.NotADate, 1],
      ['true,31.01.2001,no', BadReason.NotADate, 1],
      ['true,2001-01-31,"n"""', BadReason.NotABoolean, 2],
    ]
    const { rows, bad } = kernel(Buffer.from(cases.map(([text]) => text).join('\n')))
    expect(rows).toEqual([])
    expect(cases.length).toBeLessThan(BadRows.Capacity)
    expect(bad.map(({ reason, column }) => [reason, column])).toEqual(cases.map(([, ...found]) => found))
  })
})
