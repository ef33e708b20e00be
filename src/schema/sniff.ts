import { Ends } from '../../workers/layout.js'
import { dialectBytes } from './dialect-bytes.js'
import { readRecords, type ReferenceInput } from './reference-records.js'
import type { Dialect } from './schema.js'

/** What is tried, in the order in which it is preferred. */
export const DELIMITERS: readonly string[] = [',', ';', '\t', '|']

/** Bytes at the start of an input by which its delimiter is told. */
export const SNIFFED_BYTES = 1 << 16

/** How one delimiter cuts the bytes. */
interface Cut {
  readonly delimiter: string
  /** Bytes of records that have the same number of fields, two at least: the number that has the most. */
  readonly alike: number
  /** Share of the fields that hold another delimiter, 0 … 1. */
  readonly doubtful: number
}

/**
 * The delimiter of a CSV by its first bytes: the one by which the most of them lie in records of the same number of
 * fields, two at least. (Bytes, because a wrong delimiter may cut a quoted text of many lines into as many records.) Of
 * equally good ones, the one whose fields hold others less often (a number such as 1,5 is held against none but the
 * comma), then the first. A CSV of one column gets the first. `usual` is not judged: it is taken where the first line
 * holds it.
 */
export function sniffDelimiter(
  bytes: Uint8Array,
  ends: Ends,
  { quote, comment }: Pick<Dialect, 'quote' | 'comment'>,
  usual?: string,
): string {
  const text = bytes.subarray(startsWithMark(bytes) ? 3 : 0, SNIFFED_BYTES)
  const final = ends === Ends.Data && bytes.length <= SNIFFED_BYTES
  if (usual !== undefined && firstLine(text).includes(usual.charCodeAt(0))) return usual
  const used = DELIMITERS.filter(
    (delimiter) => delimiter !== quote && delimiter !== comment && text.includes(delimiter.charCodeAt(0)),
  )
  // Nothing to judge: the cost of it is that of parsing 64 KiB in JavaScript.
  if (used.length === 0) return usual ?? DELIMITERS[0]!
  if (used.length === 1 && used[0] === DELIMITERS[0] && usual === undefined) return used[0]!
  let best: Cut | undefined
  for (const delimiter of used) {
    const dialect = dialectBytes({ delimiter, quote, comment })
    const cut = { delimiter, ...judge({ bytes: text, dialect, final }, used) }
    if (cut.alike > 0 && (best === undefined || isBetter(cut, best))) best = cut
  }
  return best?.delimiter ?? usual ?? DELIMITERS[0]!
}

function firstLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(10)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

function isBetter(cut: Cut, than: Cut): boolean {
  return cut.alike > than.alike || (cut.alike === than.alike && cut.doubtful < than.doubtful)
}

const DECIMAL_COMMA = /^\s*[+-]?\d+,\d+\s*$/

function judge(input: ReferenceInput, delimiters: readonly string[]): Omit<Cut, 'delimiter'> {
  const others = delimiters
    .map((delimiter) => delimiter.charCodeAt(0))
    .filter((other) => other !== input.dialect.delimiter)
  const byFields = new Map<number, number>()
  let fields = 0
  let doubtful = 0
  for (const record of readRecords(input)) {
    const count = record.fields.length
    fields += count
    if (count > 1 && record.fields.every(({ fault }) => fault === 'none')) {
      byFields.set(count, (byFields.get(count) ?? 0) + record.next - record.start)
    }
    for (const { start, end } of record.fields) {
      const field = input.bytes.subarray(start, end)
      if (field[0] === input.dialect.quote && field.length > 0) continue
      if (!others.some((other) => field.includes(other))) continue
      if (!DECIMAL_COMMA.test(Buffer.from(field).toString('latin1'))) doubtful++
    }
  }
  return { alike: Math.max(0, ...byFields.values()), doubtful: fields === 0 ? 0 : doubtful / fields }
}

function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
