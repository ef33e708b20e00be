/**
 * The documents that other readers of CSV are tested with, through the kernel: all cases of csv-spectrum, whose authors
 * give the records as JSON, and the examples of RFC 4180, section 2, with the records that its text gives them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ColumnOp, Ends, Field, FieldFlag } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { writeContext } from './parse-setup.js'

const open = openKernel(4)
const document = open.allocate(1 << 14)
const out = open.allocate(1 << 14)
const wanted = open.allocate(16)
open.bytes.fill(1, wanted, wanted + 16)

function texts(start: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const from = start + open.view.getUint32(out + i * Field.SIZE + Field.Start, true)
    const length = open.view.getUint32(out + i * Field.SIZE + Field.Length, true)
    const text = Buffer.from(open.bytes.slice(from, from + (length & ~FieldFlag.DoubledQuotes))).toString()
    return length & FieldFlag.DoubledQuotes ? text.replaceAll('""', '"') : text
  })
}

const contexts = Array.from({ length: 6 }, (_, columns) =>
  writeContext(open, {
    columns: Array.from({ length: columns }, () => ({ op: ColumnOp.Skip })),
    strideWords: 4,
  }),
)

/** The records of a document, read both ways: one by one, and, as they all have as many fields, all at once. */
function recordsOf(bytes: Uint8Array): string[][] {
  const end = document + bytes.length
  open.bytes.set(bytes, document)
  open.bytes.fill(0x0a, end, end + 64)
  const records: string[][] = []
  for (let at = document; at < end;) {
    const count = open.kernel.listRecord(contexts[1]!, at, end - at, Ends.Data, out, 16)
    if (count === 0) break
    records.push(texts(at, count))
    at += open.kernel.nextRecord(contexts[1]!, at, end - at, Ends.Data)
  }
  const columns = records[0]!.length
  const count = open.kernel.listFields(
    contexts[columns]!,
    document,
    bytes.length,
    Ends.Data,
    wanted,
    out,
    1000,
  )
  expect(texts(document, columns * count)).toEqual(records.flat())
  return records
}

describe('csv-spectrum', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('csv-spectrum'))
  const cases = readdirSync(join(folder, 'csvs')).map((file) => file.replace(/\.csv$/, ''))

  it('has its twelve cases', () => expect(cases).toHaveLength(12))

  it.each(cases)('%s', (name) => {
    const [header = [], ...rows] = recordsOf(readFileSync(join(folder, 'csvs', `${name}.csv`)))
    const objects = rows.map((row) => Object.fromEntries(header.map((column, i) => [column, row[i]])))
    const expected: unknown = JSON.parse(readFileSync(join(folder, 'json', `${name}.json`), 'utf8'))
    // One case's JSON is the object itself, with another telephone number than its CSV has.
    if (name === 'location_coordinates') {
      expect(objects).toEqual([{ ...(expected as object), 'Contact Phone Number': '2095257564' }])
    } else expect(objects).toEqual(expected)
  })
})

describe('RFC 4180, section 2', () => {
  it.each([
    ['1: each record on a line of its own', 'aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n', ['aaa bbb ccc', 'zzz yyy xxx']],
    ['2: the last line break may be missing', 'aaa,bbb,ccc\r\nzzz,yyy,xxx', ['aaa bbb ccc', 'zzz yyy xxx']],
    [
      '3: a header',
      'field_name,field_name,field_name\r\naaa,bbb,ccc\r\nzzz,yyy,xxx\r\n',
      ['field_name field_name field_name', 'aaa bbb ccc', 'zzz yyy xxx'],
    ],
    ['4: fields and commas', 'aaa,bbb,ccc', ['aaa bbb ccc']],
    ['5: quoted fields', '"aaa","bbb","ccc"\r\nzzz,yyy,xxx', ['aaa bbb ccc', 'zzz yyy xxx']],
    [
      '6: line breaks, quotes and commas in quotes',
      '"aaa","b\r\nbb","ccc"\r\nzzz,yyy,xxx',
      ['aaa b\r\nbb ccc', 'zzz yyy xxx'],
    ],
    ['7: a quote is doubled', '"aaa","b""bb","ccc"', ['aaa b"bb ccc']],
  ])('%s', (_, text, expected) => {
    expect(recordsOf(new TextEncoder().encode(text))).toEqual(expected.map((record) => record.split(' ')))
  })
})

describe('blanks around fields', () => {
  // Not RFC 4180, which has them be part of the field: millrace takes them off outside quotes (DECISIONS.md).
  it.each([
    ['a, b ,\tc\r\n', [['a', 'b', 'c']]],
    ['a, "b, c" ,d\n', [['a', 'b, c', 'd']]],
    ['" a ","\tb", " "" "\n', [[' a ', '\tb', ' " ']]],
    [' a b , ,c \n  \r\n', [['a b', '', 'c']]],
    ['a, b "c" ,d', [['a', 'b "c"', 'd']]],
  ])('%j', (text, expected) => {
    expect(recordsOf(new TextEncoder().encode(text))).toEqual(expected)
  })
})
