import { Purpose, randomFraction } from '../numeric/random.js'
import { BlockQueue, type Block, type OpenBlock } from './block.js'
import type { RowOrder } from './row-order.js'

/**
 * Rows of a stream through a shuffle buffer: `places` blocks of the stream are at hand at a time, each choice draws one
 * of them, and a block that is used up makes room for the next one of the stream. No row is copied.
 */
export class BufferOrder implements RowOrder {
  readonly #places: BlockQueue[] = []
  readonly #incoming: Block[] = []
  #ended = false
  #draws = 0

  constructor(
    private readonly size: number,
    private readonly seed: number,
    private readonly epoch: number,
    private readonly open: OpenBlock,
  ) {}

  offer(block: Block): void {
    this.#incoming.push(block)
  }

  end(): void {
    this.#ended = true
  }

  choose(_shard: number, used: Block[]): BlockQueue | 'wait' | 'end' {
    // Nothing is drawn before the buffer is full: what can be drawn must not depend on how fast blocks come.
    while (this.#places.length < this.size) {
      const place = this.#fill()
      if (place === undefined && !this.#ended) return 'wait'
      if (place === undefined) break
      this.#places.push(place)
    }
    while (this.#places.length > 0) {
      const drawn = Math.floor(
        randomFraction(this.seed, Purpose.BufferDraw, this.epoch, this.#draws) * this.#places.length,
      )
      const queue = this.#places[drawn]!
      if (typeof queue.head(used) !== 'string') return queue
      const next = this.#fill()
      if (next === undefined && !this.#ended) return 'wait'
      if (next === undefined) this.#places.splice(drawn, 1)
      else this.#places[drawn] = next
    }
    return 'end'
  }

  taken(): void {
    this.#draws++
  }

  #fill(): BlockQueue | undefined {
    const block = this.#incoming.shift()
    if (block === undefined) return undefined
    const queue = new BlockQueue(this.open)
    queue.offer(block)
    queue.end()
    return queue
  }
}
