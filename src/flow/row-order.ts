import { BlockQueue, type Block, type OpenBlock } from './block.js'

/**
 * Which rows come next. The choice never depends on which blocks happen to be parsed already: where the chosen one is
 * not there yet, the answer is 'wait', and the same choice is given again when asked again.
 */
export interface RowOrder {
  offer(block: Block): void
  /** No more blocks will be offered. */
  end(): void
  /** The queue from which shard s takes its next rows; used-up blocks are appended to `used`. */
  choose(shard: number, used: Block[]): BlockQueue | 'wait' | 'end'
  /** Rows have been taken from the chosen queue: the next choice is a new one. */
  taken(shard: number): void
  /** Between two mini-batches; undefined where an order cannot begin anywhere but at the start. */
  readonly state?: OrderState
}

/** Where rows come from next, for an order of the same lanes to go on from; between two mini-batches. */
export interface OrderState {
  /** For each lane: bytes before the head, rows used of the head, share of both as LaneOrder counts it, whether it has ended (1). */
  readonly lanes: Float64Array
  /** For each group: bytes used, and the lane whose turn it is. */
  readonly groups: Float64Array
}

/** Rows as they come, from one lane. */
export class FileOrder implements RowOrder {
  readonly #queue: BlockQueue

  constructor(open: OpenBlock) {
    this.#queue = new BlockQueue(open)
  }

  offer(block: Block): void {
    this.#queue.offer(block)
  }

  end(): void {
    this.#queue.end()
  }

  choose(_shard: number, used: Block[]): BlockQueue | 'wait' | 'end' {
    const head = this.#queue.head(used)
    return typeof head === 'string' ? head : this.#queue
  }

  taken(): void {
    // There is nothing to choose.
  }
}
