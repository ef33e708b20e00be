import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecords, type ReferenceRecord } from '../../src/schema/reference-records.js'
import { ColumnOp, Ends } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { writeContext } from './parse-setup.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 5_000 : 400
const COLUMNS = 3

const open = openKernel(8)
const columns = Array.from({ length: COLUMNS }, () => ({ op: ColumnOp.Skip }))
const context = writeContext(open, { columns, strideWords: 4, comment: '#' })
const place = open.allocate(1 << 16)

/** The bytes of the text in the kernel's memory; what lies behind them may be read and must not matter. */
function put(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  open.bytes.set(bytes, place)
  open.bytes.fill(0x0a, place + bytes.length, place + bytes.length + 64)
  return bytes
}

function recordsOf(bytes: Uint8Array, final: boolean): ReferenceRecord[] {
  return [...readRecords({ bytes, dialect: { delimiter: 44, quote: 34, comment: 35 }, final })]
}

const value = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r\n', ' ', '#'), maxLength: 8 })
const cell = value.map((text) => (/[",\r\n#]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
const line = fc.array(cell, { minLength: COLUMNS, maxLength: COLUMNS }).map((cells) => cells.join(','))
const wellFormed = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n', '\n#c"\n')), { minLength: 1, maxLength: 40 })
  .map((lines) => lines.map(([text, end]) => text + end).join(''))
const anything = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '#'), maxLength: 200 })

describe('countLines and lastBorder', () => {
  const check = (text: string): void => {
    const bytes = put(text)
    // By the definitions, a byte at a time.
    let lines = 0
    let border = 0
    let plainBorder = 0
    let inside = false
    bytes.forEach((byte, index) => {
      if (byte === 34) inside = !inside
      if (byte !== 10) return
      lines += 1
      plainBorder = index + 1
      if (!inside) border = index + 1
    })
    expect(open.kernel.countLines(place, bytes.length)).toBe(lines)
    expect(open.kernel.lastBorder(place, bytes.length, 34)).toBe(border)
    expect(open.kernel.lastBorder(place, bytes.length, 0)).toBe(plainBorder)
  }

  it('agree with their definitions', () => {
    fc.assert(fc.property(fc.oneof(anything, wellFormed), check), { numRuns: RUNS })
    for (const length of [0, 1, 63, 64, 65, 127, 128, 129]) {
      check('\n'.repeat(length))
      check('a'.repeat(length))
      check('"'.repeat(length) + '\n')
      check(`"${'a'.repeat(length)}"\n${'b'.repeat(length)}\n"`)
    }
  })
})

describe('nextRecord', () => {
  it('ends each record where the reference does', () => {
    const check = (text: string, ends: Ends): void => {
      const bytes = put(text)
      let at = 0
      for (const record of recordsOf(bytes, ends === Ends.Data)) {
        expect(at + open.kernel.nextRecord(context, place + at, bytes.length - at, ends)).toBe(record.next)
        at = record.next
      }
      expect(open.kernel.nextRecord(context, place + at, bytes.length - at, ends)).toBe(0)
    }
    const ends = fc.constantFrom(Ends.More, Ends.Data)
    fc.assert(fc.property(fc.oneof(anything, wellFormed), ends, check), { numRuns: RUNS })
  })
})

/** Whether a byte of a well-formed record lies within quotes, the closing quote included; undefined between two doubled. */
function insideAt(bytes: Uint8Array, record: ReferenceRecord, at: number): boolean | undefined {
  const field = record.fields.find(({ start, end }) => at >= start && at < end)
  if (field === undefined || bytes[field.start] !== 34) return false
  if (at === field.start) return false
  let quotes = 0
  for (let i = field.start + 1; i < at; i += 1) if (bytes[i] === 34) quotes += 1
  return bytes[at] === 34 && quotes % 2 === 1 ? undefined : true
}

describe('findBorder', () => {
  it('finds the next record from anywhere, told rightly whether it is inside quotes', () => {
    const check = (text: string, from: number, wanted: number): void => {
      const bytes = put(text)
      const records = recordsOf(bytes, true)
      const start = from % bytes.length
      const index = records.findIndex((record) => start >= record.start && start < record.next)
      const record = records[index]
      if (record === undefined) return
      const inside = insideAt(bytes, record, start)
      // Between two doubled quotes the first looks like one that closes; that is a guess that may fail.
      if (inside === undefined) return
      const expected = index + 1 < records.length ? record.next - start : -1
      const found = open.kernel.findBorder(
        context,
        place + start,
        bytes.length - start,
        Ends.Data,
        Number(inside),
        wanted,
      )
      expect(found).toBe(expected)
    }
    fc.assert(fc.property(wellFormed, fc.nat(), fc.integer({ min: 1, max: 5 }), check), { numRuns: RUNS * 3 })
  })

  // By hand; the second number is the border counted from the first byte.
  it.each([
    ['outside, in the middle of a field', 'b,c\n1,2,3\n4,5,6\n', 0, 4],
    ['outside, at a line break', '\n1,2,3\n', 0, 1],
    ['inside, before the closing quote', 'x\ny",c\n1,2,3\n', 1, 7],
    ['inside, at the closing quote', '"\r\n1,2,3\n', 1, 3],
    ['inside assumed, but there is no quote', 'b,c\n1,2,3\n', 1, -1],
    ['inside assumed, but text follows the quote that would close', 'b,"c"\n1,2,3\n', 1, -1],
    ['outside assumed, but the records do not fit', 'x\ny",c\n1,2,3\n', 0, -1],
    ['a record of four fields is next', 'c\n1,2,3,4\n', 0, -1],
    ['no whole record follows', 'b,c\n', 0, -1],
    ['a quote that does not close follows', 'b,c\n1,"2,3\n', 0, -1],
    ['a blank line and a comment follow', 'b,c\n\n#x\n1,2,3\n', 0, 4],
  ])('%s', (_, text, inside, expected) => {
    const bytes = put(text)
    expect(open.kernel.findBorder(context, place, bytes.length, Ends.Data, inside, 3)).toBe(expected)
  })

  it('does not count a record that is cut off', () => {
    const bytes = put('c\n1,2,3\n4,5')
    expect(open.kernel.findBorder(context, place, bytes.length, Ends.More, 0, 3)).toBe(2)
    expect(open.kernel.findBorder(context, place, bytes.length, Ends.Data, 0, 3)).toBe(-1)
    expect(open.kernel.findBorder(context, place, 5, Ends.More, 0, 3)).toBe(-1)
  })
})
