import { merge } from 'rxjs'
import { SHARE_OF_BLOCKS, type SharedMemory } from '../engine/memory.js'
import type { BlockScoring } from '../engine/block-scoring.js'
import { BlockParser } from '../engine/parser.js'
import type { WorkerPool } from '../engine/pool.js'
import { ParseSlot } from '../engine/slots.js'
import type { PartContexts } from '../schema/part-columns.js'
import type { Encoding } from '../schema/program.js'
import type { Heads } from './heads.js'
import type { OpenParts } from './open-parts.js'
import type { ReadOptions, RowFlow } from './row-flow.js'
import { BufferOrder } from './buffer-order.js'
import { LaneOrder } from './lane-order.js'
import { FileOrder } from './row-order.js'
import { allocateBuffers, streamBlocks } from './stream-blocks.js'
import { streamLaneBytes, type StreamLane } from './stream-lanes.js'

const BLOCK_BYTES = 256 << 10
const LEAST_BLOCK_BYTES = 16 << 10
/** Records that a block should hold at least. */
const RECORDS_A_BLOCK = 4
/** A lane has one buffer that is filled, and at least two that are parsed or used. */
const LEAST_BUFFERS = 3

/** What reading rows from front to back needs. */
export interface StreamFlowOptions {
  memory: SharedMemory
  heads: Heads
  parts: PartContexts
  openParts: OpenParts
  options: ReadOptions
  /** Rows of a single lane are used as they come, without a shuffle buffer. */
  inOrder: boolean
  /** Columns that every part has at least. Default: those of the first part. */
  leastColumns?: number
  /** Blocks come with their bytes. Default: false. */
  keepBytes?: boolean
  /** Workers score the rows too. Default: they do not. */
  scoring?: BlockScoring | undefined
  /** Rows that have arrived are not kept waiting for a block to be filled: where a stream pauses, blocks depend on time. Default: false. */
  live?: boolean
}

/**
 * Bytes of addresses for the slots of a shuffle buffer. Few rows fill a slot where records are long texts: it takes little
 * memory, but an address space of 4 GiB must have room for all of them.
 */
const SHUFFLE_ADDRESSES = 2 ** 30

/** Blocks that are read and parsed ahead of the one that is used. */
export function blocksAhead(workers: number): number {
  return workers * 2 + 2
}

/**
 * Rows of streams, or of files in file order. One lane is parsed ahead and goes through a shuffle buffer, or not; several
 * are read side by side and mixed as the lanes of files are.
 */
export function streamFlow(
  lanes: readonly StreamLane[],
  given: StreamFlowOptions,
  encoding: Encoding,
  pool: WorkerPool,
): RowFlow {
  const { memory, heads, parts, openParts, options, inOrder, leastColumns, scoring } = given
  const { keepBytes = false, live = false } = given
  const { meanRecord, dialect } = heads
  const stride = encoding.layout.strideWords * 4
  const ahead = Math.max(LEAST_BUFFERS, Math.ceil(blocksAhead(pool.workers) / lanes.length))
  const blockBytes =
    options.blockBytes ?? sizeOfBlocks(lanes.length, heads, stride, options.memory * SHARE_OF_BLOCKS)
  // A row takes at least a byte for each of its columns, so a block never has more rows than fit. Only the part of a
  // slot that rows are written to ever becomes resident.
  const capacity = Math.ceil(blockBytes / (leastColumns ?? parts.first.names.length)) + 1
  const rowsOfBlock = Math.max(1, blockBytes / meanRecord)
  const buffered = !inOrder && lanes.length === 1
  const places = buffered ? shuffledBlocks(options.shuffleBuffer, rowsOfBlock, capacity, stride) : 0
  const parser = new BlockParser(memory, pool, blockBytes, scoring?.plan)
  const output = scoring?.outputRoom(blockBytes, rowsOfBlock)
  // The blocks of a single lane come in an order of their own: what is unknown in them is settled as they come, and lies
  // beside their bytes. Those of several lanes are settled when their rows come to be used, and it stays in their slots.
  const { vocabularies } = encoding
  const unseenBytes = vocabularies?.unseenBytes(blockBytes, capacity) ?? 0
  const [slotUnseen, bufferUnseen] = lanes.length > 1 ? [unseenBytes, 0] : [0, unseenBytes]
  const readers = lanes.map((_, lane) => ({
    memory,
    parser,
    parts,
    heads,
    dialect,
    openParts,
    lane,
    slots: Array.from(
      { length: places + ahead },
      () => new ParseSlot(memory, capacity, stride, slotUnseen, output),
    ),
    buffers: allocateBuffers(memory, ahead, blockBytes, bufferUnseen),
    blockBytes,
    keepBytes,
    live,
    passOver: options.onBadRow !== 'fail',
    vocabularies: lanes.length > 1 ? undefined : vocabularies,
  }))
  return {
    lanes: lanes.length,
    mixed: buffered ? places : lanes.length,
    slots: readers.flatMap(({ slots }) => slots),
    parser,
    blocks: () => merge(...lanes.map((placed, lane) => streamBlocks(placed, readers[lane]!))),
    order(epoch, shards, openBlock) {
      if (lanes.length > 1) {
        return new LaneOrder(streamLaneBytes(lanes), shards, options.seed, epoch, openBlock)
      }
      return buffered ? new BufferOrder(places, options.seed, epoch, openBlock) : new FileOrder(openBlock)
    },
  }
}

/** Blocks that the shuffle buffer holds: as many as their rows fill, within the room that addresses may take. */
function shuffledBlocks(bufferBytes: number, rows: number, capacity: number, stride: number): number {
  const filled = bufferBytes / (rows * stride)
  const addressable = SHUFFLE_ADDRESSES / (capacity * stride)
  return Math.max(1, Math.floor(Math.min(filled, addressable)))
}

/** Large enough for the records at hand; for several lanes, small enough for the blocks and rows of all to fit in `memoryBytes`. It does not depend on the workers. */
function sizeOfBlocks(
  lanes: number,
  { meanRecord, longestRecord, firstHead }: Heads,
  stride: number,
  memoryBytes: number,
): number {
  const bytesAByte = 1 + stride / meanRecord
  const affordable = lanes === 1 ? Infinity : Math.floor(memoryBytes / (lanes * LEAST_BUFFERS * bytesAByte))
  const size = Math.max(LEAST_BLOCK_BYTES, Math.min(BLOCK_BYTES, affordable))
  return Math.max(size, firstHead.bytes * 2, longestRecord * RECORDS_A_BLOCK)
}
