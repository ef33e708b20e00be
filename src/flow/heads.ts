import { Ends } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError } from '../errors.js'
import { HEAD_BYTES, HeadReader, type Head } from '../schema/head.js'
import { setColumns, writeContext } from '../schema/parse-context.js'
import type { PartColumns } from '../schema/part-columns.js'
import type { Dialect } from '../schema/schema.js'
import { sniffDelimiter, SNIFFED_BYTES } from '../schema/sniff.js'
import type { Source } from '../source/source.js'
import { unfinishedRecordError } from './unfinished-record.js'

/** A dialect whose delimiter may still have to be told from the data. */
export interface GivenDialect extends Omit<Dialect, 'delimiter'> {
  readonly delimiter: string | undefined
  /** Taken, where none is given, if the first line holds it. Default: none. */
  readonly usualDelimiter?: string
}

/** The given dialect, but for text that was written here, whose dialect is known. */
export function dialectOf(source: Source, given: GivenDialect): GivenDialect {
  if (source.kind === 'files' || source.canonical !== true) return given
  return { ...given, delimiter: ',', quote: '"', comment: undefined, decimal: '.', header: true }
}

/** The first bytes of a part (a file, a stream), in the shared memory. */
export interface FirstBytes {
  readonly start: number
  readonly length: number
  readonly ends: Ends
  /** Name of the part. */
  readonly file: string
}

/** What the first part says of all of them, and the reader of the heads of the others. */
export interface Heads {
  readonly dialect: Dialect
  /** Columns and context of the first part; its program is written later, when the schema is known. */
  readonly first: PartColumns
  readonly firstHead: Head
  /** Of the first records, in bytes. */
  readonly meanRecord: number
  readonly longestRecord: number
  /** Reads the head of any part from its first bytes. */
  read(bytes: FirstBytes): Head
}

/** Reads the head of the first part: tells the delimiter where it is not given, names the columns, measures the first records. */
export function readHeads(memory: SharedMemory, given: GivenDialect, first: FirstBytes): Heads {
  const { start, length, ends } = first
  const { usualDelimiter: _, ...rest } = given
  const dialect = { ...rest, delimiter: given.delimiter ?? sniff(memory, given, first) }
  const context = writeContext(memory, dialect)
  const reader = new HeadReader(memory, context, dialect.header)
  const read = (bytes: FirstBytes): Head => readHead(memory, reader, dialect, bytes)
  const firstHead = read(first)
  setColumns(memory, context, firstHead.names.length)
  const rows = start + firstHead.bytes
  const records = measureRecords(memory, context, rows, length - firstHead.bytes, ends)
  return {
    dialect,
    first: { names: firstHead.names, context },
    firstHead,
    meanRecord: records.mean,
    longestRecord: records.longest,
    read,
  }
}

function sniff(memory: SharedMemory, given: GivenDialect, { start, length, ends }: FirstBytes): string {
  const bytes = memory.views.u8.slice(start, start + Math.min(length, SNIFFED_BYTES + 1))
  return sniffDelimiter(bytes, bytes.length < length ? Ends.More : ends, given, given.usualDelimiter)
}

function readHead(memory: SharedMemory, reader: HeadReader, dialect: Dialect, bytes: FirstBytes): Head {
  const { start, file } = bytes
  const length = Math.min(bytes.length, HEAD_BYTES)
  const ends = length < bytes.length ? Ends.More : bytes.ends
  try {
    const head = reader.read(start, length, ends, file)
    if (dialect.header) checkQuotes(memory, dialect, { start, length: head.bytes, ends, file })
    return head
  } catch (error) {
    // Where the header never ends, a quote in it that is never closed says why.
    if (dialect.header) checkQuotes(memory, dialect, { start, length, ends, file })
    throw error
  }
}

/** Throws where a quote in the header is not closed, or closed in the middle of a name. */
function checkQuotes(
  memory: SharedMemory,
  dialect: Dialect,
  { start, length, ends, file }: FirstBytes,
): void {
  if (dialect.quote === undefined) return
  const bytes = memory.views.u8.slice(start, start + length)
  if (!bytes.includes(dialect.quote.charCodeAt(0))) return
  const offset = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const header = { file, bytes: bytes.subarray(offset), offset, line: 1, atEnd: ends === Ends.Data }
  const error = unfinishedRecordError(header, dialect, [])
  if (error === undefined) return
  throw runError(
    error.code,
    `in the header: ${error.message}`,
    'a quote inside quotes must be doubled; if quotes are plain text in this file, use --quote ""',
    error.place,
  )
}

const RECORDS_TO_MEASURE = 1000

function measureRecords(memory: SharedMemory, context: number, start: number, length: number, ends: Ends) {
  let at = 0
  let longest = 1
  let count = 0
  while (count < RECORDS_TO_MEASURE) {
    const record = memory.kernel.nextRecord(context, start + at, length - at, ends)
    if (record === 0) break
    at += record
    longest = Math.max(longest, record)
    count++
  }
  return { mean: Math.max(1, count === 0 ? length : at / count), longest }
}
