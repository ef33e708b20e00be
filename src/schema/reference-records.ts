/**
 * Bytes → records → fields, a byte at a time: RFC 4180 as millrace reads it. Twin of workers/kernel/scan.ts.
 *
 * Blanks (space, tab) around a field are no part of it; those inside quotes are. RFC 4180 has them be part of the field:
 * no feature has a use for them, and what writes `a, "b"` does not mean a value that starts with a blank.
 */

/** Bytes; 0 stands for none (quote, comment). */
export interface Dialect {
  delimiter: number
  quote: number
  comment: number
}

export interface ReferenceField {
  /** First byte of the field and first byte after it, quotes included, blanks around it not. */
  start: number
  end: number
  /** Its delimiter or line break, or the end of the bytes. */
  stop: number
  /** Without the quotes around it, doubled quotes made one. */
  value: Uint8Array
  fault: 'none' | 'text-after-quote' | 'unterminated'
}

export interface ReferenceRecord {
  start: number
  /** First byte after the record, its line break not included. */
  end: number
  /** First byte after its line break. */
  next: number
  fields: ReferenceField[]
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** What is read: bytes, how they are written, and whether anything follows them. */
export interface ReferenceInput {
  bytes: Uint8Array
  dialect: Dialect
  /** True where the data ends with the bytes: their end is then a line break, and so is a carriage return before it. */
  final: boolean
}

/** Length of the line break at `at`: LF, CRLF, or CR and the end of the data; 0 where there is none. */
function lineBreak({ bytes, final }: ReferenceInput, at: number): number {
  if (bytes[at] === LINE_FEED) return 1
  if (bytes[at] !== CARRIAGE_RETURN) return 0
  if (bytes[at + 1] === LINE_FEED) return 2
  return final && at + 1 === bytes.length ? 1 : 0
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09
}

/** The first byte from `at` on that is no blank; the delimiter is none, though it may be a tab. */
function skipBlanks({ bytes, dialect }: ReferenceInput, at: number): number {
  while (isBlank(bytes[at]) && bytes[at] !== dialect.delimiter) at += 1
  return at
}

function endsField(input: ReferenceInput, at: number): boolean {
  return at >= input.bytes.length || input.bytes[at] === input.dialect.delimiter || lineBreak(input, at) > 0
}

/** A field in a record whose quoting is at fault: quotes only open and close, and are part of the value. */
function readBrokenField(input: ReferenceInput, start: number, from: number): ReferenceField {
  let inside = false
  let end = from
  while (end < input.bytes.length && (inside || !endsField(input, end))) {
    if (input.bytes[end] === input.dialect.quote) inside = !inside
    end += 1
  }
  return { start, end, stop: end, value: input.bytes.subarray(start, end), fault: 'text-after-quote' }
}

function readQuotedField(input: ReferenceInput, start: number): ReferenceField {
  const { bytes, dialect } = input
  const value: number[] = []
  let at = start + 1
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte === dialect.quote && bytes[at + 1] !== dialect.quote) {
      const stop = skipBlanks(input, at + 1)
      if (!endsField(input, stop)) return readBrokenField(input, start, at + 1)
      return { start, end: at + 1, stop, value: Uint8Array.from(value), fault: 'none' }
    }
    value.push(byte)
    at += byte === dialect.quote ? 2 : 1
  }
  const end = bytes.length
  return { start, end, stop: end, value: bytes.subarray(start), fault: 'unterminated' }
}

function readField(input: ReferenceInput, from: number): ReferenceField {
  const { bytes, dialect } = input
  const start = skipBlanks(input, from)
  if (dialect.quote !== 0 && bytes[start] === dialect.quote) return readQuotedField(input, start)
  let stop = start
  while (!endsField(input, stop)) stop += 1
  let end = stop
  while (end > start && isBlank(bytes[end - 1])) end -= 1
  return { start, end, stop, value: bytes.subarray(start, end), fault: 'none' }
}

/** The record that starts at `start`, or undefined where it is cut off. */
export function readRecord(input: ReferenceInput, start: number): ReferenceRecord | undefined {
  const { bytes, dialect, final } = input
  const fields: ReferenceField[] = []
  let broken = false
  let at = start
  for (;;) {
    const field = broken ? readBrokenField(input, at, at) : readField(input, at)
    fields.push(field)
    if (field.fault !== 'none') broken = true
    const { stop } = field
    if (stop >= bytes.length) {
      return final ? { start, end: bytes.length, next: bytes.length, fields } : undefined
    }
    if (bytes[stop] !== dialect.delimiter) {
      return { start, end: stop, next: stop + lineBreak(input, stop), fields }
    }
    at = stop + 1
  }
}

/**
 * First byte after a comment or an empty line (blanks or none) at `at`, or `at` itself where a record starts there or
 * the line is cut off (then readRecord finds no end either).
 */
export function skipLine(input: ReferenceInput, at: number): number {
  const { bytes, dialect, final } = input
  if (dialect.comment === 0 || bytes[at] !== dialect.comment) {
    const behind = skipBlanks(input, at)
    if (behind === bytes.length) return final ? behind : at
    const broken = lineBreak(input, behind)
    return broken > 0 ? behind + broken : at
  }
  const end = bytes.indexOf(LINE_FEED, at)
  if (end >= 0) return end + 1
  return final ? bytes.length : at
}

/** The whole records among the bytes, without empty lines and comments. */
export function* readRecords(input: ReferenceInput): Generator<ReferenceRecord> {
  let at = 0
  while (at < input.bytes.length) {
    const next = skipLine(input, at)
    if (next === at) {
      const record = readRecord(input, at)
      if (record === undefined) return
      yield record
      at = record.next
    } else at = next
  }
}
