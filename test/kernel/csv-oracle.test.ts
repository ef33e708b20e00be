/**
 * The kernel's reading of CSV against fast-csv's, and against what was written, on random documents cut into random
 * windows: all delimiters and quotes, quoted and unquoted fields, doubled quotes, delimiters and line breaks in quotes,
 * blanks around fields, inside quotes and before them, LF and CRLF mixed, empty lines and lines of blanks, comments,
 * byte order marks, text beyond ASCII.
 *
 * fast-csv (5.0) runs with { headers: false, ignoreEmpty: false } (true would drop records of empty fields, too), and
 * its empty rows, which are blank lines, are taken out. Its `trim` takes blanks off quoted values as well, so documents
 * with blanks outside quotes have none at the edges within them, and are read with it; the others are read without.
 * The documents hold none of what ends a run of fast-csv: text after a closing quote, a quote that is never closed.
 * Where fast-csv departs from RFC 4180, the shape of the document says so (DEPARTURES).
 */
import fc from 'fast-check'
import { parseString } from 'fast-csv'
import { describe, expect, it } from 'vitest'
import { ColumnOp, Ends, Field, FieldFlag } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { writeContext } from './parse-setup.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 100_000 : 400
const DIALECTS = [
  { delimiter: ',', quote: '"', comment: undefined },
  { delimiter: ',', quote: '"', comment: '#' },
  { delimiter: ';', quote: '"', comment: undefined },
  { delimiter: '\t', quote: "'", comment: '%' },
  { delimiter: '|', quote: '`', comment: undefined },
  { delimiter: ':', quote: undefined, comment: '#' },
]
type Dialect = (typeof DIALECTS)[number]
const MOST_COLUMNS = 5

/** A document as text, and the shape that it was written in. */
interface Written {
  text: string
  lines: readonly string[]
  trim: boolean
  dialect: Dialect
  values: readonly string[][]
}

const DEPARTURES: Record<string, (written: Written) => boolean> = {
  // It takes a line that String.trim makes empty for a blank one; with tabs for delimiters that is a record.
  'drops a record of nothing but delimiters that are tabs': ({ lines, dialect }) =>
    dialect.delimiter === '\t' && lines.some((line) => line.includes('\t') && line.trim() === ''),
  // Its trim is String.trim: no-break spaces go too. For RFC 4180, and the kernel, they are text.
  'takes white space beyond blanks off values': ({ values, trim }) =>
    trim && values.some((row) => row.some((value) => value.trim() !== value)),
}

const open = openKernel(8)
const contexts = DIALECTS.map(({ delimiter, quote = '', comment = '' }) =>
  Array.from({ length: MOST_COLUMNS }, (_, index) => {
    const columns = Array.from({ length: index + 1 }, () => ({ op: ColumnOp.Skip }))
    return writeContext(open, {
      delimiter,
      quote,
      ...(comment && { comment }),
      columns,
      strideWords: 4,
    })
  }),
)
const document = open.allocate(1 << 16)
const out = open.allocate(1 << 16)
const wanted = open.allocate(16)

function readFastCsv({ text, trim, dialect }: Written): Promise<string[][]> {
  const { delimiter, quote = null, comment } = dialect
  return new Promise((resolve, reject) => {
    const rows: string[][] = []
    const options = { headers: false, ignoreEmpty: false, delimiter, quote, escape: quote ?? '"', trim }
    parseString(text, comment === undefined ? options : { ...options, comment })
      .on('error', reject)
      .on('data', (row: string[]) => {
        if (row.length > 0) rows.push(row)
      })
      .on('end', () => resolve(rows))
  })
}

function fieldText(index: number, base: number, quote = ''): string {
  const start = open.view.getUint32(out + index * Field.SIZE + Field.Start, true)
  const length = open.view.getUint32(out + index * Field.SIZE + Field.Length, true)
  const bytes = open.bytes.slice(base + start, base + start + (length & ~FieldFlag.DoubledQuotes))
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return length & FieldFlag.DoubledQuotes ? text.replaceAll(quote + quote, quote) : text
}

/** Record by record: each window is cut off anywhere, and made longer until it holds a whole record. */
function readRecords(
  from: number,
  to: number,
  windows: readonly number[],
  context: number,
  quote?: string,
): string[][] {
  const records: string[][] = []
  let at = from
  let grow = 0
  for (let call = 0; at < to; call += 1) {
    const size = Math.min(to - at, (windows[call % windows.length] ?? 1) + grow)
    const ends = at + size === to ? Ends.Data : Ends.More
    const next = open.kernel.nextRecord(context, at, size, ends)
    const count = open.kernel.listRecord(context, at, size, ends, out, 100)
    expect(count > 0).toBe(next > 0)
    if (next > 0) records.push(Array.from({ length: count }, (_, i) => fieldText(i, at, quote)))
    else if (ends === Ends.Data) return records
    at += next
    grow = next > 0 ? 0 : grow + 7
  }
  return records
}

/** All records at once, those columns whose bit is set in `mask`. */
function readFields(
  from: number,
  to: number,
  columns: number,
  mask: number,
  context: number,
  quote?: string,
): string[][] {
  for (let i = 0; i < columns; i += 1) open.bytes[wanted + i] = (mask >> i) & 1
  const count = open.kernel.listFields(context, from, to - from, Ends.Data, wanted, out, 4096)
  const chosen = Array.from({ length: columns }, (_, i) => i).filter((i) => (mask >> i) & 1)
  return Array.from({ length: count }, (_, record) =>
    chosen.map((_, place) => fieldText(record * chosen.length + place, from, quote)),
  )
}

const WORDS = [
  '',
  '1.5',
  'a',
  'été',
  '日本',
  '🙂',
  ' x ',
  'a b',
  '#',
  '# a',
  '%',
  '-',
  "it's",
  '5"',
  '`',
  'a""b',
]
const STRUCTURE = [',', ';;', '|', '\t', ':', '\n', '\r\n', '"', '\u00a0x', 'a\ufeffb']
const cell = fc.record({
  value: fc.oneof(
    fc.constantFrom(...WORDS, ...STRUCTURE),
    fc.string({
      unit: fc.constantFrom(
        'a',
        '"',
        "'",
        '`',
        ',',
        ';',
        '|',
        '\t',
        '\n',
        '\r\n',
        '\r',
        '1',
        ' ',
        'é',
        '#',
        ':',
      ),
      maxLength: 12,
    }),
  ),
  quoted: fc.boolean(),
  before: fc.constantFrom('', '', '', ' ', '  ', '\t', ' \t '),
  after: fc.constantFrom('', '', '', ' ', '\t ', '    '),
})
type Cell = typeof cell extends fc.Arbitrary<infer T> ? T : never

const documents = fc.integer({ min: 1, max: MOST_COLUMNS }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    index: fc.nat(DIALECTS.length - 1),
    trim: fc.boolean(),
    rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 12 }),
    between: fc.array(
      fc.constantFrom(
        '\n',
        '\n',
        '\r\n',
        '\r\n',
        '\n\n',
        '\r\n\r\n',
        '\n  \n',
        '\r\n \r\n',
        '\n#a,"b\n',
        "\n%\t'\r\n",
      ),
      { minLength: 1, maxLength: 4 },
    ),
    mark: fc.boolean(),
    lastBreak: fc.boolean(),
    windows: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    mask: fc.integer({ min: 1, max: 31 }),
  }),
)
type Drawn = typeof documents extends fc.Arbitrary<infer T> ? T : never

const BLANKS = /^[ \t]+|[ \t]+$/g

/** Field text and value as RFC 4180 and, for blanks, the kernel have them; a field is quoted where it must be. */
function writeCell(
  { value, quoted, before, after }: Cell,
  trim: boolean,
  dialect: Dialect,
  isFirst: boolean,
) {
  const { delimiter, quote, comment } = dialect
  const blank = (text: string): string => (trim ? text.replaceAll(delimiter, '') : '')
  if (quote === undefined) {
    const plain = value.replace(/[:\r\n]/g, '').replace(BLANKS, '')
    // Without quotes nothing can hide a comment, or keep a lone empty field from being a blank line.
    const text = isFirst && (plain === '' || plain.startsWith('#')) ? `x${plain}` : plain
    return { text: blank(before) + text + blank(after), value: text }
  }
  const inner = trim ? value.trim() : value
  const commented = isFirst && comment !== undefined && inner.startsWith(comment)
  const edged = inner.replace(BLANKS, '') !== inner
  const must =
    edged || commented || inner.includes(delimiter) || /[\r\n]/.test(inner) || inner.startsWith(quote)
  const text =
    quoted || must || (isFirst && inner === '')
      ? quote + inner.replaceAll(quote, quote + quote) + quote
      : inner
  return { text: blank(before) + text + blank(after), value: inner }
}

function writeDocument({ index, trim, rows, between, mark, lastBreak }: Drawn): Written {
  const dialect = DIALECTS[index] ?? DIALECTS[0]!
  const isBreak = (text: string): boolean =>
    !/[#%]/.test(text) || text.trim().startsWith(dialect.comment ?? '\n')
  const breaks = between.filter(isBreak)
  const records = rows.map((row) => row.map((entry, i) => writeCell(entry, trim, dialect, i === 0)))
  const lines = records.map((record) => record.map(({ text }) => text).join(dialect.delimiter))
  let text = lines.map((line, i) => line + (breaks[i % breaks.length] ?? '\n')).join('')
  if (!lastBreak && lines.length > 0)
    text = text.slice(0, text.lastIndexOf(lines.at(-1)!) + lines.at(-1)!.length)
  const values = records.map((record) => record.map(({ value }) => value))
  return { text: (mark ? '\ufeff' : '') + text, lines, trim, dialect, values }
}

describe('the kernel and fast-csv', () => {
  it('read the same records', async () => {
    const departed = new Map<string, number>()
    const property = fc.asyncProperty(documents, async (drawn) => {
      const written = writeDocument(drawn)
      const { quote } = written.dialect
      const room = open.bytes.subarray(document, document + 60_000)
      const to = document + new TextEncoder().encodeInto(written.text, room).written
      open.bytes.fill(0x0a, to, to + 64)
      // The kernel's caller takes the byte order mark off.
      const from = document + (drawn.mark ? 3 : 0)
      const context = contexts[drawn.index]?.[drawn.columns - 1] ?? 0

      expect(readRecords(from, to, drawn.windows, context, quote)).toEqual(written.values)
      const chosen = written.values.map((row) => row.filter((_, i) => (drawn.mask >> i) & 1))
      expect(readFields(from, to, drawn.columns, drawn.mask, context, quote)).toEqual(chosen)
      const departure = Object.keys(DEPARTURES).find((name) => DEPARTURES[name]?.(written))
      if (departure === undefined) expect(await readFastCsv(written)).toEqual(written.values)
      else departed.set(departure, (departed.get(departure) ?? 0) + 1)
    })
    await fc.assert(property, { numRuns: RUNS })
    // Nearly all documents are compared.
    const all = [...departed.values()].reduce((sum, count) => sum + count, 0)
    expect(all).toBeLessThan(RUNS / 5)
  }, 900_000)
})
