import { Ends } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError, type MillraceError } from '../errors.js'
import { dialectBytes } from '../schema/dialect-bytes.js'
import type { PartColumns, PartContexts } from '../schema/part-columns.js'
import { readRecord, skipLine } from '../schema/reference-records.js'
import { reorderChunk } from '../schema/reorder-sample.js'
import type { SampleChunk } from '../schema/sample.js'
import type { Dialect } from '../schema/schema.js'
import { unfinishedRecordError } from './unfinished-record.js'

/** A piece of the sample, with the columns of the part that it was taken from. */
export interface PartSample {
  readonly chunk: SampleChunk
  readonly columns: PartColumns
}

/** Where the rows of the first part begin. */
export interface FirstRow {
  readonly file: string
  readonly byte: number
  readonly line: number
}

/**
 * The sample in the order of the first part's columns. Throws where no row of it has the right number of fields,
 * saying what is wrong with the first one.
 */
export function sampleRows(
  memory: SharedMemory,
  parts: PartContexts,
  samples: readonly PartSample[],
  dialect: Dialect,
  firstRow: FirstRow,
): SampleChunk[] {
  if (!samples.some((sample) => hasRows(memory, sample))) {
    throw noRows(memory, samples[0], dialect, firstRow, parts.first.names)
  }
  return samples.map(({ chunk, columns }) =>
    columns.context === parts.first.context
      ? chunk
      : reorderChunk(memory, chunk, columns, parts.places(columns)),
  )
}

/** Bytes in which a row is looked for before all of a chunk is. */
const FIRST_LOOK = 1 << 16

function hasRows(memory: SharedMemory, { chunk, columns }: PartSample): boolean {
  const { start, length, ends } = chunk
  const noneWanted = memory.allocate('wanted columns', columns.names.length).start
  const rows = (bytes: number, until: Ends): number =>
    memory.kernel.listFields(columns.context, start, bytes, until, noneWanted, 0, 0)
  return (
    rows(Math.min(length, FIRST_LOOK), length <= FIRST_LOOK ? ends : Ends.More) > 0 || rows(length, ends) > 0
  )
}

/** Why there is no row of the right form. */
function noRows(
  memory: SharedMemory,
  sample: PartSample | undefined,
  dialect: Dialect,
  { file, byte, line }: FirstRow,
  names: readonly string[],
): MillraceError {
  const { start, length, ends } = sample?.chunk ?? { start: 0, length: 0, ends: Ends.Data }
  const bytes = memory.views.u8.slice(start, start + length)
  const input = { bytes, dialect: dialectBytes(dialect), final: true }
  let at = 0
  for (let next = skipLine(input, 0); next !== at; next = skipLine(input, at)) at = next
  if (at >= length) {
    const found = dialect.header ? `${file} has a header and no rows` : `${file} has no rows`
    return runError('NO_ROWS', found, 'give a CSV with at least one row', { file, line, byte })
  }
  const quoting = unfinishedRecordError(
    { file, bytes, offset: byte, line, atEnd: ends === Ends.Data },
    dialect,
    names,
  )
  if (quoting !== undefined) return quoting
  const { fields } = readRecord(input, at)!
  const before = bytes.subarray(0, at).reduce((lines, value) => lines + (value === 10 ? 1 : 0), 0)
  return runError(
    'NO_ROWS',
    `expected rows of ${names.length} fields, as ${dialect.header ? 'the header has' : 'the first has'}, found none; the first row has ${fields.length}`,
    'check the delimiter, the quotes and the header: --delimiter, --quote, --no-header',
    { file, line: line + before, byte: byte + at },
  )
}
