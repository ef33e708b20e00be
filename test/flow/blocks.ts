/** Blocks that no parser made, for tests of what comes after it. */
import type { ParseSlot } from '../../src/engine/slots.js'
import type { Block, BlockQueue } from '../../src/flow/block.js'
import type { RowOrder } from '../../src/flow/row-order.js'

/** A block of `rows` rows that were `bytes` bytes; `address` is where its rows lie. */
export function block(
  lane: number,
  rows: number,
  bytes: number,
  last: boolean,
  address = 0,
  release = () => {},
): Block {
  const slot = { rows: address } as unknown as ParseSlot
  const origin = {
    file: 'test',
    descriptor: undefined,
    columns: { names: [], context: 0 },
    offset: 0,
    bytes,
    line: undefined,
    raw: undefined,
  }
  return { slot, lane, rows, origin, last, release }
}

/** Puts the blocks of several lanes into one sequence; `draw` says, 0 … 1, which lane comes next. */
export function interleave(lanes: readonly (readonly Block[])[], draw: (i: number) => number): Block[] {
  const next = lanes.map(() => 0)
  const sequence: Block[] = []
  for (;;) {
    const open = lanes.flatMap((blocks, lane) => (next[lane]! < blocks.length ? [lane] : []))
    if (open.length === 0) return sequence
    const lane = open[Math.floor(draw(sequence.length) * open.length)]!
    sequence.push(lanes[lane]![next[lane]!++]!)
  }
}

/** A stretch of rows in the order in which they were used. */
export interface Run {
  block: Block
  first: number
  count: number
}

/** Uses all rows in the order that `order` says, `runRows` at a time by `shards` shards in turn, as the blocks arrive. */
export function useRows(order: RowOrder, arrivals: readonly Block[], shards: number, runRows: number): Run[] {
  const runs: Run[] = []
  const used: Block[] = []
  let shard = 0
  const use = (): void => {
    for (;;) {
      const queue: BlockQueue | 'wait' | 'end' = order.choose(shard, used)
      if (typeof queue === 'string') return
      runs.push(queue.takeRun(runRows, used))
      order.taken(shard)
      shard = (shard + 1) % shards
    }
  }
  for (const arrival of arrivals) {
    order.offer(arrival)
    use()
  }
  order.end()
  use()
  return runs
}
