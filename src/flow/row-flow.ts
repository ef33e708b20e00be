import type { Observable } from 'rxjs'
import type { BadRowPolicy } from '../options.js'
import type { SharedMemory } from '../engine/memory.js'
import type { BlockParser } from '../engine/parser.js'
import type { WorkerPool } from '../engine/pool.js'
import type { ParseSlot } from '../engine/slots.js'
import type { ContextAddress } from '../schema/parse-context.js'
import type { PartContexts } from '../schema/part-columns.js'
import type { Encoding } from '../schema/program.js'
import type { SampleChunk } from '../schema/sample.js'
import type { Dialect } from '../schema/schema.js'
import type { InputFile } from '../source/files.js'
import type { Block, OpenBlock } from './block.js'
import type { GivenDialect } from './heads.js'
import type { OrderState, RowOrder } from './row-order.js'

/** An input whose columns are known and whose sample has been read, but not yet its rows. */
export interface OpenInput {
  readonly names: readonly string[]
  /** With the delimiter that was given or found. */
  readonly dialect: Dialect
  /** Of the first part, into which the column program is written before `flow` is called. */
  readonly context: ContextAddress
  /** How each part is parsed; a stream may add to them while it is read. */
  readonly parts: PartContexts
  /** With the columns in the order of the first part. */
  readonly sample: readonly SampleChunk[]
  /** Size of the input, where it is known. */
  readonly bytes: number | undefined
  /** Rows in the input by the sample's mean record length, where the size is known. */
  readonly estimatedRows: number | undefined
  /** Rows come in the order of the input, or of a few parts of it, and not from places all over it. */
  readonly isStream: boolean
  /** The files that its bytes come from, which tell whether it has changed; none where they come from elsewhere. */
  readonly files: readonly InputFile[]
  /** Lays out slots for encoded rows. */
  flow(encoding: Encoding, pool: WorkerPool): RowFlow
  close(): void
}

/** The rows of an input, epoch by epoch. */
export interface RowFlow {
  readonly lanes: number
  /** Blocks that rows are drawn from at a time, however many workers there are. */
  readonly mixed: number
  /** All slots, at least `mixed`, of one capacity, and what fills them. */
  readonly slots: readonly ParseSlot[]
  readonly parser: BlockParser
  /** Parsed blocks of one pass; `from` says where the lanes go on. */
  blocks(epoch: number, from?: OrderState): Observable<Block>
  /** The order in which their rows are used; `open` is called for each block when its first row is. */
  order(epoch: number, shards: number, open: OpenBlock, from?: OrderState): RowOrder
  /** Whether a first pass over these lanes can go on from there; without it, passes can only begin at the start. */
  canGoOnFrom?(from: OrderState, shards: number): boolean
}

/** What of the options concerns reading. */
export interface ReadOptions {
  readonly shuffle: boolean
  readonly seed: number
  readonly lanes: number | undefined
  readonly blockBytes: number | undefined
  readonly memory: number
  readonly shuffleBuffer: number
  /** `fail`: a record that does not end ends the run. */
  readonly onBadRow: BadRowPolicy
}

/** What opening an input needs. */
export interface OpenContext {
  readonly memory: SharedMemory
  readonly dialect: GivenDialect
  readonly options: ReadOptions
}
