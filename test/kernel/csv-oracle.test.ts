/**
 * The kernel's reading of CSV against fast-csv's, on random documents cut into random windows.
 *
 * fast-csv (5.0) with { headers: false, ignoreEmpty: false }, and its empty rows (blank lines) taken out, reads RFC
 * 4180 as the kernel does, except here, and the documents hold none of these:
 *   a lone carriage return outside quotes ends a line in fast-csv; in the kernel it is data, except that one at the
 *   very end of the data is taken for half of a CRLF;
 *   a line of nothing but blanks is empty in fast-csv; in the kernel it is a record of one field;
 *   blanks between a closing quote and the delimiter are dropped by fast-csv; in the kernel they are a bad row;
 *   blanks before an opening quote, and a field of nothing but blanks, likewise: in the kernel they are data;
 *   other text after a closing quote, or a quote that is never closed, ends fast-csv's run; in the kernel it is one
 *   bad row;
 *   a byte order mark is taken off by fast-csv; the kernel's caller does that.
 * ignoreEmpty: true is no use: it also drops records whose fields are all empty.
 */
import fc from 'fast-check'
import { parseString } from 'fast-csv'
import { describe, expect, it } from 'vitest'
import { ColumnOp, Ends, Field, FieldFlag } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { writeContext } from './parse-setup.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 10_000 : 1_000
const DIALECTS = [
  { delimiter: ',', quote: '"' },
  { delimiter: ';', quote: '"' },
  { delimiter: '\t', quote: "'" },
  { delimiter: '|', quote: '`' },
]
const MOST_COLUMNS = 5

const open = openKernel(8)
const contexts = DIALECTS.map((dialect) =>
  Array.from({ length: MOST_COLUMNS }, (_, index) => {
    const columns = Array.from({ length: index + 1 }, () => ({ op: ColumnOp.Skip }))
    return writeContext(open, { ...dialect, columns, strideWords: 4 })
  }),
)
const document = open.allocate(1 << 16)
const out = open.allocate(1 << 16)
const wanted = open.allocate(16)

function readFastCsv(text: string, dialect: (typeof DIALECTS)[number]): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = []
    parseString(text, { headers: false, ignoreEmpty: false, ...dialect, escape: dialect.quote })
      .on('error', reject)
      .on('data', (row: string[]) => {
        if (row.length > 0) rows.push(row)
      })
      .on('end', () => resolve(rows))
  })
}

function fieldText(index: number, base: number, quote: string): string {
  const start = open.view.getUint32(out + index * Field.SIZE + Field.Start, true)
  const length = open.view.getUint32(out + index * Field.SIZE + Field.Length, true)
  const bytes = open.bytes.slice(base + start, base + start + (length & ~FieldFlag.DoubledQuotes))
  const text = new TextDecoder().decode(bytes)
  return length & FieldFlag.DoubledQuotes ? text.replaceAll(quote + quote, quote) : text
}

/** Record by record: each window is cut off anywhere, and made longer until it holds a whole record. */
function readRecords(length: number, windows: readonly number[], context: number, quote: string): string[][] {
  const records: string[][] = []
  let at = 0
  let grow = 0
  for (let call = 0; at < length; call += 1) {
    const size = Math.min(length - at, (windows[call % windows.length] ?? 1) + grow)
    const ends = at + size === length ? Ends.Data : Ends.More
    const next = open.kernel.nextRecord(context, document + at, size, ends)
    const count = open.kernel.listRecord(context, document + at, size, ends, out, 100)
    expect(count > 0).toBe(next > 0)
    if (next > 0) records.push(Array.from({ length: count }, (_, i) => fieldText(i, document + at, quote)))
    else if (ends === Ends.Data) return records
    at += next
    grow = next > 0 ? 0 : grow + 7
  }
  return records
}

/** All records at once, those columns whose bit is set in `mask`. */
function readFields(
  length: number,
  columns: number,
  mask: number,
  context: number,
  quote: string,
): string[][] {
  for (let i = 0; i < columns; i += 1) open.bytes[wanted + i] = (mask >> i) & 1
  const count = open.kernel.listFields(context, document, length, Ends.Data, wanted, out, 4096)
  const chosen = Array.from({ length: columns }, (_, i) => i).filter((i) => (mask >> i) & 1)
  return Array.from({ length: count }, (_, record) =>
    chosen.map((_, place) => fieldText(record * chosen.length + place, document, quote)),
  )
}

const cell = fc.record({
  value: fc.oneof(
    fc.constantFrom(
      '',
      '1.5',
      'a',
      'été',
      '日本',
      ' x ',
      'a b',
      '#',
      "it's",
      '5"',
      '`',
      'a""b',
      ',',
      ';;',
      '|',
      '\t',
    ),
    fc.string({
      unit: fc.constantFrom('a', '"', "'", '`', ',', ';', '|', '\t', '\n', '\r\n', '\r', '1', ' '),
      maxLength: 12,
    }),
  ),
  quoted: fc.boolean(),
})

/** Writes a value as RFC 4180 has it, in quotes where it must be, or where fast-csv would drop blanks. */
function write(value: string, quoted: boolean, { delimiter, quote }: (typeof DIALECTS)[number]): string {
  const blank = value !== '' && (value.trim() === '' || value.trim().startsWith(quote))
  const must = blank || value.includes(delimiter) || /[\r\n]/.test(value) || value.startsWith(quote)
  return quoted || must ? quote + value.replaceAll(quote, quote + quote) + quote : value
}

const documents = fc.integer({ min: 1, max: MOST_COLUMNS }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    dialect: fc.integer({ min: 0, max: DIALECTS.length - 1 }),
    rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 12 }),
    ends: fc.array(fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n'), { minLength: 1, maxLength: 4 }),
    lastBreak: fc.boolean(),
    windows: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    mask: fc.integer({ min: 1, max: 31 }),
  }),
)

describe('the kernel and fast-csv', () => {
  it('read the same fields', async () => {
    const property = fc.asyncProperty(
      documents,
      async ({ columns, dialect: index, rows, ends, lastBreak, windows, mask }) => {
        const dialect = DIALECTS[index] ?? DIALECTS[0]!
        // A record of one empty field is a blank line unless it is quoted.
        const lines = rows.map((row) =>
          row.map(({ value, quoted }) => write(value, quoted || (columns === 1 && value === ''), dialect)),
        )
        let text = lines
          .map((line, i) => line.join(dialect.delimiter) + (ends[i % ends.length] ?? '\n'))
          .join('')
        if (!lastBreak) text = text.replace(/(\r?\n)+$/, '')
        // fast-csv drops a line of nothing but blanks, and a tab is one: see above.
        fc.pre(!text.split(/\r?\n/).some((line) => line !== '' && line.trim() === ''))
        const expected = rows.map((row) => row.map(({ value }) => value))
        const length = new TextEncoder().encodeInto(
          text,
          open.bytes.subarray(document, document + 60_000),
        ).written
        open.bytes.fill(0x0a, document + length, document + length + 64)
        const context = contexts[index]?.[columns - 1] ?? 0

        expect(await readFastCsv(text, dialect)).toEqual(expected)
        expect(readRecords(length, windows, context, dialect.quote)).toEqual(expected)
        const chosen = expected.map((row) => row.filter((_, i) => (mask >> i) & 1))
        expect(readFields(length, columns, mask, context, dialect.quote)).toEqual(chosen)
      },
    )
    await fc.assert(property, { numRuns: RUNS })
  }, 120_000)
})
