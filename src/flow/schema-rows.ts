import type { BlockScoring } from '../engine/block-scoring.js'
import type { SharedMemory } from '../engine/memory.js'
import type { WorkerPool } from '../engine/pool.js'
import type { BadRowPolicy } from '../options.js'
import type { GrowingVocabularies } from '../schema/growing-vocabularies.js'
import { matchColumns, type MatchedColumns, type Wanted } from '../schema/match.js'
import { PartContexts, type PartColumns } from '../schema/part-columns.js'
import { schemaEncoding, writeProgram, type Encoding } from '../schema/program.js'
import type { Schema } from '../schema/schema.js'
import { filePart } from '../source/byte-stream.js'
import type { Source } from '../source/source.js'
import { dialectOf, readHeads, type GivenDialect, type Heads } from './heads.js'
import { OpenParts } from './open-parts.js'
import { beginParts } from './open-stream.js'
import type { RowFlow } from './row-flow.js'
import { blocksAhead, streamFlow } from './stream-flow.js'
import { inPlace, type StreamLane } from './stream-lanes.js'

const SAMPLE_BYTES = 1 << 20
const BLOCK_BYTES = 256 << 10
const LEAST_BLOCK_BYTES = 16 << 10

/** A source whose first bytes have been read, but none of its rows. */
export interface BegunRows {
  readonly heads: Heads
  readonly lane: StreamLane
  readonly openParts: OpenParts
  /** Name of the first part. */
  readonly file: string
  /** Closes the source too. */
  close(): void
}

/**
 * Reads the first bytes of a source, which belongs to the rows from then on, or is closed where that fails; of one that is `live`
 * only those that come without a pause.
 */
export async function beginRows(
  memory: SharedMemory,
  source: Source,
  given: GivenDialect,
  live = false,
): Promise<BegunRows> {
  const lane = laneOf(source)
  const openParts = new OpenParts(live ? { quote: given.quote } : undefined)
  const close = (): void => {
    openParts.close()
    source.close()
  }
  try {
    const [begun] = await beginParts(memory, [lane[0]!.part], openParts, SAMPLE_BYTES)
    const heads = readHeads(memory, dialectOf(source, given), begun!)
    return { heads, lane, openParts, file: begun!.file, close }
  } catch (error) {
    close()
    throw error
  }
}

/** All parts one after the other: rows are used in the order of the input. */
function laneOf(source: Source): StreamLane {
  return source.kind === 'streams'
    ? inPlace(source.parts)
    : source.files.map((file) => ({ part: filePart(file), position: file.base }))
}

/** A schema that is fitted already, and how rows are read by it. */
export interface SchemaReading {
  readonly memory: SharedMemory
  readonly pool: WorkerPool
  readonly schema: Schema
  /** What of a row is needed. */
  readonly wanted: Wanted
  /** Blocks come with their bytes. */
  readonly keepBytes: boolean
  readonly onBadRow: BadRowPolicy
  /** Bytes that blocks and their rows may take. */
  readonly memoryBytes: number
  /** Where those of the schema may still grow: nothing may be read before they are closed. */
  readonly vocabularies?: GrowingVocabularies
  /** What workers do with the rows besides. */
  readonly scoring?: BlockScoring
  /** As StreamFlowOptions.live. */
  readonly live?: boolean
}

/** Rows as a schema encodes them, in the order of the input. */
export interface SchemaRows {
  /** Of the first part. */
  readonly columns: PartColumns
  /** The schema with the columns of the first part. */
  readonly schema: Schema
  readonly encoding: Encoding
  readonly flow: RowFlow
}

/**
 * Finds the columns of the schema in every part, and lays out slots for the rows.
 *
 * Throws MISSING_COLUMN where one is not there.
 */
export function schemaRows({ heads, lane, openParts, file }: BegunRows, reading: SchemaReading): SchemaRows {
  const { memory, pool, schema, wanted, keepBytes, onBadRow, memoryBytes, vocabularies, scoring } = reading
  const { dialect, first, longestRecord } = heads
  const match = (head: readonly string[], part: string): MatchedColumns =>
    matchColumns(schema, dialect, head, wanted, part)
  const matched = match(first.names, file)
  const columns = { names: matched.names, context: first.context }
  const parts = new PartContexts(
    memory,
    columns,
    first.names,
    (head, part) => {
      const { names, places } = match(head, part)
      return { names, places: first.names.map((_, i) => places.of[matched.places.of.indexOf(i)]) }
    },
    scoring?.prepare,
  )
  scoring?.prepare(columns)
  const encoding = writeProgram(
    memory,
    first.context,
    { ...schema, dialect },
    wanted === 'all',
    matched.places,
    vocabularies,
  )
  parts.writePrograms()
  const outputBytesAByte = scoring === undefined ? 0 : scoring.rowBytes / heads.meanRecord
  const affordable = affordableBlock(schema, pool.workers, memoryBytes, outputBytesAByte)
  const size = Math.max(LEAST_BLOCK_BYTES, Math.min(scoring?.blockBytes ?? BLOCK_BYTES, affordable))
  const blockBytes = Math.max(size, 4 * longestRecord)
  const flow = streamFlow(
    [lane],
    {
      memory,
      heads,
      parts,
      openParts,
      inOrder: true,
      keepBytes,
      scoring,
      live: reading.live ?? false,
      leastColumns: matched.places.of.filter((place) => place !== undefined).length,
      options: {
        shuffle: false,
        onBadRow,
        seed: 0,
        lanes: 1,
        blockBytes,
        memory: memoryBytes,
        shuffleBuffer: 0,
      },
    },
    encoding,
    pool,
  )
  return { columns, schema: matched.schema, encoding, flow }
}

/** Bytes of a block: the bytes, scratch, rows and scores of all blocks ahead then fit into the memory. */
function affordableBlock(
  schema: Schema,
  workers: number,
  memoryBytes: number,
  outputBytesAByte: number,
): number {
  const rowBytesAByte = (schemaEncoding(schema).layout.strideWords * 4) / schema.columns.length
  const bytesAByte = 3 + rowBytesAByte + outputBytesAByte
  return Math.floor(memoryBytes / (blocksAhead(workers) * bytesAByte))
}
