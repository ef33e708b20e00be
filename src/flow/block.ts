import type { Ends } from '../../workers/layout.js'
import type { BlockRows } from '../engine/slots.js'
import type { PartColumns } from '../schema/part-columns.js'

export type { PartColumns } from '../schema/part-columns.js'

/** Encoded rows, of one slot or from the cache, on their way into mini-batches. */
export interface Block {
  readonly slot: BlockRows
  /** True where its rows come from the cache: its bad rows have been dealt with. */
  readonly cached?: boolean
  /** The lane it belongs to; blocks of a lane come in order. */
  readonly lane: number
  /** Rows to train on; read once, because the slot is written again after `release`. */
  readonly rows: number
  /** Where its bytes lie until `release`, where the flow was asked to keep them. */
  readonly bytes?: BlockBytes
  /** Where its bytes came from, for messages. */
  readonly origin: BlockOrigin
  /** True for the last block of its lane. */
  readonly last: boolean
  /** Gives the slot back: the credit to read and parse the next block into it. */
  release(): void
}

/** Bytes in the shared memory that start and end at record borders. */
export interface BlockBytes {
  readonly start: number
  readonly length: number
  readonly ends: Ends
}

export interface BlockOrigin {
  /** Name of the file or stream. */
  readonly file: string
  /** Of the open file, which has no other name where it came from a URL; undefined for streams. */
  readonly descriptor: number | undefined
  readonly columns: PartColumns
  /** Offset of the first byte in the file. */
  readonly offset: number
  /** Bytes of whole records in the block. */
  readonly bytes: number
  /** Line of the first byte, where it is known without counting (streams). */
  readonly line: number | undefined
  /** The raw bytes, while they are still in memory (streams). */
  readonly raw: Uint8Array | undefined
}

/** Called for a block when its rows come to be used; `rowsUsed` of them have been, where a run goes on in its middle. */
export type OpenBlock = (block: Block, rowsUsed?: number) => void

/** How far a lane has been used: the bytes of the blocks before the head, and rows of the head. */
export interface QueuePosition {
  readonly bytes: number
  readonly rows: number
}

const START: QueuePosition = { bytes: 0, rows: 0 }

/** Blocks of one lane in order, and how far they have been used. */
export class BlockQueue {
  readonly #blocks: Block[] = []
  #nextRow = 0
  #opened = false
  #ended = false
  #bytesBefore = 0

  /** `open` is called for every block when its rows come to be used: in an order that does not depend on timing. */
  constructor(
    private readonly open: OpenBlock,
    from: QueuePosition = START,
  ) {
    this.#bytesBefore = from.bytes
    this.#nextRow = from.rows
  }

  /** How far the lane has been used. */
  get position(): QueuePosition {
    return { bytes: this.#bytesBefore, rows: this.#nextRow }
  }

  offer(block: Block): void {
    this.#blocks.push(block)
  }

  /** No more blocks will come. */
  end(): void {
    this.#ended = true
  }

  /** Bytes of the rows that have been taken. */
  get usedBytes(): number {
    const block = this.#blocks[0]
    if (block === undefined || this.#nextRow === 0) return this.#bytesBefore
    return this.#bytesBefore + (block.origin.bytes * this.#nextRow) / block.rows
  }

  /** The block whose rows are next; 'wait' while it is not there yet, 'end' after the last. Blocks without rows go to `used`. */
  head(used: Block[]): Block | 'wait' | 'end' {
    for (;;) {
      const block = this.#blocks[0]
      if (block === undefined) return this.#ended ? 'end' : 'wait'
      if (!this.#opened) this.open(block, this.#nextRow)
      this.#opened = true
      if (block.rows > 0) return block
      this.#shift(used)
    }
  }

  /** Takes up to `most` rows of the head; `first` is the number of the first one within its block. A block that is used up goes to `used`. */
  takeRun(most: number, used: Block[]): { block: Block; first: number; count: number } {
    const block = this.#blocks[0]!
    const first = this.#nextRow
    const count = Math.min(most, block.rows - first)
    this.#nextRow += count
    if (this.#nextRow === block.rows) this.#shift(used)
    return { block, first, count }
  }

  #shift(used: Block[]): void {
    const block = this.#blocks.shift()!
    this.#nextRow = 0
    this.#opened = false
    this.#bytesBefore += block.origin.bytes
    if (block.last) this.#ended = true
    used.push(block)
  }
}
