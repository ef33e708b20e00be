import { BadReason } from '../../workers/layout.js'
import { runError, type MillraceError } from '../errors.js'
import { readRecord, skipLine, type ReferenceRecord } from '../schema/reference-records.js'
import type { Dialect, Schema } from '../schema/schema.js'
import { countLineFeeds } from '../source/line-index.js'
import { badRowError } from './bad-rows.js'

/** Bytes that start where a record starts and hold no whole one. */
export interface UnfinishedRecord {
  file: string
  bytes: Uint8Array
  /** Of the first byte in the file. */
  offset: number
  /** Of the first byte. */
  line: number
  /** The data ends with these bytes. */
  atEnd: boolean
}

/** Whether the quotes of the first record are at fault, the bytes being all there are. */
export function quotesAreAtFault(bytes: Uint8Array, dialect: Dialect): boolean {
  return readFirst(bytes, dialect).fields.some(({ fault }) => fault !== 'none')
}

/**
 * The error for a record that does not end where it should: at the quote that was opened and not closed, or closed in
 * the middle of its field. Undefined where its quotes are in order.
 */
export function unfinishedRecordError(
  { file, bytes, offset, line, atEnd }: UnfinishedRecord,
  dialect: Dialect,
  names: readonly string[],
): MillraceError | undefined {
  const { start, end, fields } = readFirst(bytes, dialect)
  const column = fields.findIndex(({ fault }) => fault !== 'none')
  const field = fields[column]
  if (field === undefined) return undefined
  const open = field.fault === 'unterminated'
  const found = {
    bad: {
      record: start,
      recordLength: end - start,
      reason: open ? BadReason.UnterminatedQuote : BadReason.TextAfterQuote,
      column,
      field: field.start,
      fieldLength: field.end - field.start,
      fields: fields.length,
    },
    file,
    line: () => line + countLineFeeds(bytes.subarray(0, start)),
    byte: offset + start,
    record: bytes.subarray(start, end),
    names,
  }
  const columns = names.map((name) => ({ kind: 'ignored' as const, name }))
  const schema: Schema = {
    dialect,
    columns,
    interactions: [],
    target: { kind: 'number', name: '', mean: 0, scale: 1 },
  }
  const error = badRowError(found, schema)
  if (!open) {
    const hint = 'a quote inside quotes must be doubled; --on-bad-row skip leaves such rows out'
    return runError(error.code, error.message, hint, error.place)
  }
  if (atEnd) return error
  const within = `expected a closing quote within ${bytes.length - start} bytes, found none`
  const message = error.message.replace(/^expected a closing quote, found the end of the data/, within)
  return runError(
    error.code,
    message,
    `${error.hint}; for fields that really are this long, raise --block-bytes`,
    error.place,
  )
}

/** The first record, behind blank lines and comments. */
function readFirst(bytes: Uint8Array, { delimiter, quote, comment }: Dialect): ReferenceRecord {
  const code = (character: string | undefined) => (character === undefined ? 0 : character.charCodeAt(0))
  const input = {
    bytes,
    dialect: { delimiter: code(delimiter), quote: code(quote), comment: code(comment) },
    final: true,
  }
  let start = 0
  for (let next = skipLine(input, 0); next !== start && next < bytes.length; next = skipLine(input, start))
    start = next
  return readRecord(input, start)!
}
