import { concatMap, defer, from, map, type Observable } from 'rxjs'
import { Entry } from '../engine/block-index.js'
import type { OpenedBlock, RowCache } from '../engine/row-cache.js'
import { Purpose, shuffle } from '../numeric/random.js'
import type { Block } from './block.js'
import { cachedBlocks, deal, type CachedLane } from './cached-blocks.js'
import type { RowFlow } from './row-flow.js'
import { LaneOrder } from './lane-order.js'
import { FileOrder } from './row-order.js'

/** How later passes go through a cache. */
export interface CachedFlowOptions {
  readonly seed: number
  /** false: in the order of the input. */
  readonly shuffle: boolean
  /** The cache is that of an earlier run: the first pass takes its blocks from there too, lane by lane as they were read. */
  readonly filled: boolean
}

/**
 * A flow that is read once: its first pass fills the cache, those after it take their blocks from there, in an order
 * permuted over all blocks by seed and epoch and dealt to lanes. Where a block lies, in memory or in a file, changes
 * nothing; neither does the order in which the first pass opened them.
 */
export function cachedFlow(flow: RowFlow, cache: RowCache, options: CachedFlowOptions): RowFlow {
  let dealt: { epoch: number; lanes: CachedLane[] } | undefined
  const lanesOf = (epoch: number): CachedLane[] => {
    if (epoch === 1) return recordedLanes(flow, cache)
    if (dealt?.epoch !== epoch) dealt = { epoch, lanes: dealBlocks(flow, cache, options, epoch) }
    return dealt.lanes
  }
  return {
    ...flow,
    blocks: (epoch) =>
      epoch === 1 && !options.filled
        ? recorded(flow.blocks(1), cache)
        : defer(() => from(cache.written())).pipe(
            concatMap(() => cachedBlocks(lanesOf(epoch), flow.slots, flow.parser, cache)),
          ),
    order(epoch, shards, open) {
      if (epoch === 1) {
        return flow.order(1, shards, (block) => {
          open(block)
          if (!options.filled) cache.add(block as RecordedBlock)
        })
      }
      if (!options.shuffle) return new FileOrder(open)
      return new LaneOrder(
        lanesOf(epoch).map(({ bytes }) => bytes),
        shards,
        options.seed,
        epoch,
        open,
      )
    },
  }
}

type RecordedBlock = Block & OpenedBlock

/** Numbers the blocks of each lane, and keeps their slots until the cache has written them. */
function recorded(blocks: Observable<Block>, cache: RowCache): Observable<RecordedBlock> {
  const numbers: number[] = []
  return blocks.pipe(
    map((block) => {
      const nth = numbers[block.lane] ?? 0
      numbers[block.lane] = nth + 1
      const release = (): void => cache.whenWritten(block.slot.rows, () => block.release())
      return { ...block, nth, inputBytes: block.origin.bytes, release }
    }),
  )
}

/** The blocks as the input had them. */
function recordedLanes({ lanes }: RowFlow, { index }: RowCache): CachedLane[] {
  const recorded = Array.from({ length: lanes }, () => ({ blocks: [] as number[], bytes: 0 }))
  for (const block of index.inInputOrder()) recorded[index.get(block, Entry.Lane)]!.blocks.push(block)
  return recorded
}

/** Which blocks come from which lane of a later pass. */
function dealBlocks(
  { mixed }: RowFlow,
  { index }: RowCache,
  { seed, shuffle: shuffled }: CachedFlowOptions,
  epoch: number,
): CachedLane[] {
  const blocks = index.inInputOrder()
  if (shuffled) shuffle(blocks, seed, Purpose.CachedBlocks, epoch)
  return deal(blocks, shuffled ? Math.min(mixed, blocks.length) : 1).map((dealt) => {
    const bytes = dealt.reduce((sum, block) => sum + index.get(block, Entry.Bytes), 0)
    return { blocks: dealt, bytes }
  })
}
