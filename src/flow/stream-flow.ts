import type { SharedMemory } from '../engine/memory.js'
import { BlockParser } from '../engine/parser.js'
import type { WorkerPool } from '../engine/pool.js'
import { ParseSlot } from '../engine/slots.js'
import { checkSameColumns, HeadReader } from '../schema/head.js'
import type { ContextAddress } from '../schema/parse-context.js'
import type { Encoding } from '../schema/program.js'
import type { Dialect } from '../schema/schema.js'
import type { StreamPart } from '../source/byte-stream.js'
import type { ReadOptions, RowFlow } from './row-flow.js'
import { BufferOrder, FileOrder } from './row-order.js'
import { allocateBuffers, streamBlocks } from './stream-blocks.js'

const BLOCK_BYTES = 256 << 10
/** Records that a block should hold at least. */
const RECORDS_A_BLOCK = 4

/** What reading rows from front to back needs. */
export interface StreamFlowOptions {
  memory: SharedMemory
  context: ContextAddress
  dialect: Dialect
  options: ReadOptions
  names: readonly string[]
  /** Bytes of a record, by the sample. */
  meanRecord: number
  longestRecord: number
  /** Rows are used as they come, without a shuffle buffer. */
  inOrder: boolean
  /** Blocks come with their bytes. Default: false. */
  keepBytes?: boolean
}

/** Blocks that are read and parsed ahead of the one that is used. */
export function blocksAhead(workers: number): number {
  return workers * 2 + 2
}

/** Rows of a stream, or of files in file order: one lane, parsed ahead, through a shuffle buffer or not. */
export function streamFlow(
  parts: readonly StreamPart[],
  {
    memory,
    context,
    dialect,
    options,
    names,
    meanRecord,
    longestRecord,
    inOrder,
    keepBytes = false,
  }: StreamFlowOptions,
  encoding: Encoding,
  pool: WorkerPool,
): RowFlow {
  const stride = encoding.layout.strideWords * 4
  const blockBytes = options.blockBytes ?? Math.max(BLOCK_BYTES, longestRecord * RECORDS_A_BLOCK)
  const ahead = blocksAhead(pool.workers)
  // A row takes at least a byte for each of its columns, so a block never has more rows than fit. Only the part of a
  // slot that rows are written to ever becomes resident.
  const capacity = Math.ceil(blockBytes / names.length) + 1
  const rowsOfBlock = Math.max(1, blockBytes / meanRecord)
  const places = inOrder ? 0 : Math.max(1, Math.floor(options.shuffleBuffer / (rowsOfBlock * stride)))
  const slots = Array.from({ length: places + ahead }, () => new ParseSlot(memory, capacity, stride))
  const parser = new BlockParser(memory, pool, blockBytes)
  const head = new HeadReader(memory, context, dialect.header)
  const { vocabularies } = encoding
  const unseenBytes = vocabularies?.unseenBytes(blockBytes, capacity) ?? 0
  const buffers = allocateBuffers(memory, ahead, blockBytes, unseenBytes)
  return {
    lanes: 1,
    blocks() {
      const headBytes = (start: number, length: number, ends: number, name: string): number => {
        const found = head.read(start, length, ends, name)
        checkSameColumns(names, found.names, name, 'the first')
        return found.bytes
      }
      return streamBlocks(parts, {
        memory,
        parser,
        context,
        dialect,
        names,
        slots,
        buffers,
        blockBytes,
        keepBytes,
        headBytes,
        vocabularies,
      })
    },
    order: (epoch, _shards, openBlock) =>
      inOrder ? new FileOrder(openBlock) : new BufferOrder(places, options.seed, epoch, openBlock),
  }
}
