/** The oracle is the delimiter that the test writes with. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DELIMITERS, SNIFFED_BYTES, sniffDelimiter } from '../../src/schema/sniff.js'
import { Ends } from '../../workers/layout.js'

const form = { quote: '"', comment: undefined }
const sniff = (text: string, ends = Ends.Data, usual?: string) =>
  sniffDelimiter(Buffer.from(text), ends, form, usual)

const runs = { numRuns: process.env.MILLRACE_THOROUGH === '1' ? 20_000 : 300 }

/** Texts that hold delimiters, quotes and line breaks. */
const text = fc.string({
  unit: fc.constantFrom('a', 'é', ' ', ',', ';', '\t', '|', '"', '\n', '1'),
  maxLength: 12,
})
const number = fc.double({ min: -1000, max: 1000, noNaN: true }).map((x) => x.toFixed(2).replace('.', ','))

/** Quoted where it has to be, or where `always` says so. */
function write(value: string, delimiter: string, always: boolean): string {
  const needed = value.includes(delimiter) || /["\n]/.test(value)
  return needed || always ? `"${value.replaceAll('"', '""')}"` : value
}

const documents = fc
  .record({
    delimiter: fc.constantFrom(...DELIMITERS),
    columns: fc.integer({ min: 2, max: 6 }),
    quoted: fc.boolean(),
    mark: fc.constantFrom('', '\ufeff'),
    lineBreak: fc.constantFrom('\n', '\r\n'),
  })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      rows: fc.array(
        fc.array(fc.oneof(text, number), { minLength: shape.columns, maxLength: shape.columns }),
        {
          maxLength: 12,
        },
      ),
    }),
  )

describe('the delimiter', () => {
  it('is found where the header has names, whatever the values hold', () => {
    fc.assert(
      fc.property(documents, ({ shape: { delimiter, columns, quoted, mark, lineBreak }, rows }) => {
        const header = Array.from({ length: columns }, (_, i) => `name ${i}`)
        const lines = [header, ...rows].map((row) =>
          row.map((value) => write(value, delimiter, quoted)).join(delimiter),
        )
        expect(sniff(mark + lines.join(lineBreak) + lineBreak)).toBe(delimiter)
      }),
      runs,
    )
  })

  it('is found without a header where numbers have decimal commas', () => {
    const rows = fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(rows, fc.constantFrom(';', '\t', '|'), (numbers, delimiter) => {
        expect(sniff(numbers.map((row) => row.join(delimiter)).join('\n'))).toBe(delimiter)
      }),
      runs,
    )
  })

  it.each([
    ['nothing', '', ','],
    ['one column', 'x\n1\n2\n', ','],
    ['one column of texts', 'text\nwell, yes\nno\nwell, no, or\n', ','],
    ['a tie', 'a;b,c\n', ','],
    ['a tie but for the fields that hold others', 'a;b,c;d\n', ';'],
    ['ragged rows', 'a;b;c\n1;2\n1;2;3\n1;2;3\n1,2\n', ';'],
    ['a word with a comma in every row', 'id|name\n1|Doe, J\n2|Roe, R\n', '|'],
    ['a quoted delimiter', '"a,b";c\n"1,2";3\n', ';'],
    ['blank lines', '\n\na\tb\n\n1\t2\n', '\t'],
  ])('of %s', (_name, csv, delimiter) => {
    expect(sniff(csv)).toBe(delimiter)
  })

  it('is looked for in the first bytes only, whole records of them', () => {
    const first = 'a;b\n'.repeat(SNIFFED_BYTES / 4)
    expect(sniff(first + '1,2\n'.repeat(SNIFFED_BYTES))).toBe(';')
    // The record that is cut off is not counted; where the data ends, it is whole.
    expect(sniff('a;b\n1,2,3,4', Ends.More)).toBe(';')
    expect(sniff('a;b\n1,2,3,4', Ends.Data)).toBe(',')
  })

  it('is never the quote or the comment', () => {
    expect(sniffDelimiter(Buffer.from('|a|,|b|\n'), Ends.Data, { quote: '|', comment: undefined })).toBe(',')
    expect(sniffDelimiter(Buffer.from(';a;b\nx,y\n'), Ends.Data, { quote: '"', comment: ';' })).toBe(',')
  })

  it('is the usual one where the first line holds it', () => {
    expect(sniff('a,b;c\n1,2;3\n', Ends.Data, ';')).toBe(';')
    expect(sniff('a^b,c\n', Ends.Data, '^')).toBe('^')
    expect(sniff('a;b\n1;2\n', Ends.Data, ',')).toBe(';')
    expect(sniff('x\n1\n', Ends.Data, '\t')).toBe('\t')
  })
})
