import { Purpose, shuffle } from '../numeric/random.js'
import { BlockQueue, type Block, type OpenBlock } from './block.js'
import type { OrderState, RowOrder } from './row-order.js'

/** Numbers of a lane, and of a group, in an OrderState. */
const LANE_NUMBERS = 4
const GROUP_NUMBERS = 2

/** The bytes of each lane that have been used up. */
export function bytesBefore({ lanes }: OrderState): Float64Array {
  return Float64Array.from({ length: lanes.length / LANE_NUMBERS }, (_, lane) => lanes[lane * LANE_NUMBERS]!)
}

/**
 * Rows from many lanes: neighbouring lanes form a group, and each shard takes its rows from one lane of a group of its
 * own, in an order drawn from the seed.
 *
 * Lanes are equal in bytes, not in rows. Taken by turns alone, those with long rows would end early, and the last steps
 * would see only the others: in a file sorted by its target, only one class. So a group that is ahead of the others
 * (by the share of its bytes that has been used) gives its turn to the one that is furthest behind, and so does a lane
 * within its group. All lanes end together.
 */
export class LaneOrder implements RowOrder {
  readonly #lanes: Lane[]
  readonly #groups: LaneGroup[]
  #group: LaneGroup | undefined
  #chosen: Lane | undefined

  constructor(
    laneBytes: readonly number[],
    shards: number,
    seed: number,
    epoch: number,
    open: OpenBlock,
    from?: OrderState,
  ) {
    this.#lanes = laneBytes.map((bytes, lane) => laneFrom(bytes, open, from, lane))
    const lanes = laneBytes.length
    const groups = Math.min(lanes, shards)
    this.#groups = Array.from({ length: groups }, (_, g) => {
      const members = this.#lanes.slice(
        Math.floor((g * lanes) / groups),
        Math.floor(((g + 1) * lanes) / groups),
      )
      // The epoch counts in steps of the number of groups, so that every group of every epoch has a draw of its own.
      const shuffled = shuffle(members, seed, Purpose.LaneOrder, epoch * groups + g)
      const at = g * GROUP_NUMBERS
      return from === undefined
        ? new LaneGroup(shuffled)
        : new LaneGroup(shuffled, from.groups[at], from.groups[at + 1])
    })
  }

  /** To be asked for between two mini-batches. */
  get state(): OrderState {
    const lanes = new Float64Array(this.#lanes.length * LANE_NUMBERS)
    for (const [i, { queue, used, ended }] of this.#lanes.entries()) {
      const { bytes, rows } = queue.position
      lanes.set([bytes, rows, used, ended ? 1 : 0], i * LANE_NUMBERS)
    }
    return { lanes, groups: Float64Array.from(this.#groups.flatMap(({ used, turn }) => [used, turn])) }
  }

  offer(block: Block): void {
    this.#lanes[block.lane]!.queue.offer(block)
  }

  end(): void {
    for (const { queue } of this.#lanes) queue.end()
  }

  choose(shard: number, used: Block[]): BlockQueue | 'wait' | 'end' {
    for (;;) {
      // Kept until rows have been taken, so that the answer after 'wait' is the same lane.
      if (this.#chosen === undefined) {
        this.#group = this.#nextGroup(shard)
        if (this.#group === undefined) return 'end'
        this.#chosen = this.#group.nextLane()
      }
      const head = this.#chosen.queue.head(used)
      if (head === 'wait') return 'wait'
      if (head !== 'end') return this.#chosen.queue
      this.#group!.end(this.#chosen)
      this.#chosen = undefined
    }
  }

  taken(): void {
    this.#group!.advance(this.#chosen!)
    this.#chosen = undefined
  }

  #nextGroup(shard: number): LaneGroup | undefined {
    const own = this.#groups[shard % this.#groups.length]!
    let behind = own.ended ? undefined : own
    for (const group of this.#groups) {
      if (!group.ended && (behind === undefined || group.progress < behind.progress)) behind = group
    }
    if (behind === undefined || own.ended) return behind
    return own.progress - behind.progress > AHEAD ? behind : own
  }
}

/** Share of its bytes by which a group may be ahead of another, and a lane of another in its group. */
const AHEAD = 1 / 4096

interface Lane {
  readonly queue: BlockQueue
  readonly bytes: number
  /** Bytes of the rows that have been taken. */
  used: number
  ended: boolean
}

function laneFrom(bytes: number, open: OpenBlock, from: OrderState | undefined, lane: number): Lane {
  if (from === undefined) return { queue: new BlockQueue(open), bytes, used: 0, ended: false }
  const at = lane * LANE_NUMBERS
  const [before, rows, used, ended] = from.lanes.subarray(at, at + LANE_NUMBERS) as unknown as number[]
  const queue = new BlockQueue(open, { bytes: before!, rows: rows! })
  // No block of it will come, and so none that says it is the last.
  if (before === bytes) queue.end()
  return { queue, bytes, used: used!, ended: ended === 1 }
}

/** Whether an OrderState can be one of lanes of these bytes; it may come from anybody's file. */
export function fitsLanes(
  { lanes, groups }: OrderState,
  laneBytes: readonly number[],
  shards: number,
): boolean {
  const groupCount = Math.min(laneBytes.length, shards)
  const whole = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 0 && value <= most
  return (
    lanes.length === laneBytes.length * LANE_NUMBERS &&
    groups.length === groupCount * GROUP_NUMBERS &&
    laneBytes.every((bytes, lane) => {
      const at = lane * LANE_NUMBERS
      const [before, rows, used, ended] = lanes.subarray(at, at + LANE_NUMBERS) as unknown as number[]
      const inHead = before === bytes ? rows === 0 : whole(rows!, 2 ** 31)
      return whole(before!, bytes) && inHead && used! >= 0 && used! <= bytes && whole(ended!, 1)
    }) &&
    groups.every((value, i) => value >= 0 && (i % GROUP_NUMBERS === 0 || whole(value, laneBytes.length - 1)))
  )
}

/** Lanes that take turns. Its progress is kept up to date, because every shard of every step asks for it. */
class LaneGroup {
  /** Share of the bytes that has been used. */
  progress = 0
  readonly #bytes: number
  #used: number
  #turn: number
  #open: number

  constructor(
    private readonly lanes: readonly Lane[],
    used = 0,
    turn = 0,
  ) {
    this.#bytes = lanes.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#open = lanes.reduce((open, { ended }) => open + (ended ? 0 : 1), 0)
    this.#used = used
    this.#turn = turn
    this.progress = used === 0 ? 0 : used / this.#bytes
  }

  /** Bytes. */
  get used(): number {
    return this.#used
  }

  /** The next lane, by its number in the group. */
  get turn(): number {
    return this.#turn
  }

  get ended(): boolean {
    return this.#open === 0
  }

  end(lane: Lane): void {
    lane.ended = true
    this.#open--
  }

  /** Takes note that rows of a lane have been taken. */
  advance(lane: Lane): void {
    const used = lane.queue.usedBytes
    this.#used += used - lane.used
    lane.used = used
    this.progress = this.#used / this.#bytes
  }

  nextLane(): Lane {
    const limit = this.progress + AHEAD
    let any: Lane | undefined
    for (let i = 0; i < this.lanes.length; i++) {
      const lane = this.lanes[this.#turn % this.lanes.length]!
      this.#turn = (this.#turn + 1) % this.lanes.length
      if (lane.ended) continue
      if (lane.used <= limit * lane.bytes) return lane
      any ??= lane
    }
    // Not all can be ahead of their mean but for rounding.
    return any!
  }
}
