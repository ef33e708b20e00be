import { Purpose, randomFraction, shuffle } from '../numeric/random.js'
import { BlockQueue, type Block } from './block.js'

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
}

/** Rows as they come, from one lane. */
export class FileOrder implements RowOrder {
  readonly #queue: BlockQueue

  constructor(open: (block: Block) => void) {
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

/** Lanes that take turns, in an order drawn from the seed. */
interface LaneGroup {
  queues: BlockQueue[]
  turn: number
}

/**
 * Rows from many lanes: neighbouring lanes form a group, each shard has a group of its own and takes its rows from one
 * lane of it after the other. A shard whose group has run out takes from the next group that has not.
 */
export class LaneOrder implements RowOrder {
  readonly #queues: BlockQueue[]
  readonly #groups: LaneGroup[]

  constructor(lanes: number, shards: number, seed: number, epoch: number, open: (block: Block) => void) {
    this.#queues = Array.from({ length: lanes }, () => new BlockQueue(open))
    const groups = Math.min(lanes, shards)
    this.#groups = Array.from({ length: groups }, (_, g) => {
      const from = Math.floor((g * lanes) / groups)
      const to = Math.floor(((g + 1) * lanes) / groups)
      // The epoch counts in steps of the number of groups, so that every group of every epoch has a draw of its own.
      const draw = epoch * groups + g
      return { queues: shuffle(this.#queues.slice(from, to), seed, Purpose.LaneOrder, draw), turn: 0 }
    })
  }

  offer(block: Block): void {
    this.#queues[block.lane]!.offer(block)
  }

  end(): void {
    for (const queue of this.#queues) queue.end()
  }

  choose(shard: number, used: Block[]): BlockQueue | 'wait' | 'end' {
    for (let i = 0; i < this.#groups.length; i++) {
      const group = this.#groups[(shard + i) % this.#groups.length]!
      const choice = chooseInGroup(group, used)
      if (choice !== 'end') return choice
    }
    return 'end'
  }

  taken(shard: number): void {
    for (let i = 0; i < this.#groups.length; i++) {
      const group = this.#groups[(shard + i) % this.#groups.length]!
      if (group.queues.length === 0) continue
      group.turn = (group.turn + 1) % group.queues.length
      return
    }
  }
}

function chooseInGroup(group: LaneGroup, used: Block[]): BlockQueue | 'wait' | 'end' {
  while (group.queues.length > 0) {
    const queue = group.queues[group.turn]!
    const head = queue.head(used)
    if (head === 'wait') return 'wait'
    if (head !== 'end') return queue
    group.queues.splice(group.turn, 1)
    if (group.turn === group.queues.length) group.turn = 0
  }
  return 'end'
}

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
    private readonly open: (block: Block) => void,
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
      const drawn = Math.floor(randomFraction(this.seed, Purpose.BufferDraw, this.epoch, this.#draws) * this.#places.length)
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
