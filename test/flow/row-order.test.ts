import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block } from '../../src/flow/block.js'
import { BufferOrder } from '../../src/flow/buffer-order.js'
import { LaneOrder } from '../../src/flow/lane-order.js'
import { FileOrder, type RowOrder } from '../../src/flow/row-order.js'
import { Purpose, randomFraction } from '../../src/numeric/random.js'
import { block, interleave, useRows, type Run } from './blocks.js'

/** Lanes of random blocks, some without rows. */
const someLanes = fc
  .array(
    fc.array(fc.record({ rows: fc.nat(9), bytes: fc.integer({ min: 1, max: 90 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((lanes) =>
    lanes.map((blocks, lane) =>
      blocks.map(({ rows, bytes }, i) => block(lane, rows, bytes, i === blocks.length - 1)),
    ),
  )

const laneBytes = (lanes: readonly (readonly Block[])[]) =>
  lanes.map((blocks) => blocks.reduce((sum, { origin }) => sum + origin.bytes, 0))

/** Every row of every block, as block and number, in the order of use. */
const rowsOf = (runs: readonly Run[], blocks: readonly Block[]) =>
  runs.flatMap((run) =>
    Array.from({ length: run.count }, (_, i) => `${blocks.indexOf(run.block)}:${run.first + i}`),
  )

const allRows = (blocks: readonly Block[]) =>
  blocks.flatMap((one, i) => Array.from({ length: one.rows }, (_, row) => `${i}:${row}`))

describe('LaneOrder', () => {
  const create = (lanes: readonly (readonly Block[])[], shards: number, seed = 1, opened: Block[] = []) =>
    new LaneOrder(laneBytes(lanes), shards, seed, 1, (one) => opened.push(one))

  it('uses every row once, in order within its lane, whatever the arrival of the blocks', () => {
    fc.assert(
      fc.property(
        someLanes,
        fc.nat(),
        fc.constantFrom(1, 2, 8),
        fc.integer({ min: 1, max: 7 }),
        (lanes, seed, shards, runRows) => {
          const blocks = lanes.flat()
          const opened: [Block[], Block[]] = [[], []]
          const random = interleave(lanes, (i) => randomFraction(seed, Purpose.BufferDraw, 0, i))
          const oneByOne = useRows(create(lanes, shards, 1, opened[0]), blocks, shards, runRows)
          const mixed = useRows(create(lanes, shards, 1, opened[1]), random, shards, runRows)
          expect(rowsOf(mixed, blocks)).toEqual(rowsOf(oneByOne, blocks))
          expect([...rowsOf(mixed, blocks)].sort()).toEqual(allRows(blocks).sort())
          for (const [lane] of lanes.entries()) {
            const inLane = rowsOf(
              mixed.filter((run) => run.block.lane === lane),
              blocks,
            )
            expect(inLane).toEqual(
              allRows(blocks).filter((row) => blocks[Number(row.split(':')[0])]!.lane === lane),
            )
          }
          // What is done at the opening of a block (held-out rows, counts, errors) comes in the same order, too.
          expect(opened[1].map((one) => blocks.indexOf(one))).toEqual(
            opened[0].map((one) => blocks.indexOf(one)),
          )
          expect(new Set(opened[1]).size).toBe(blocks.length)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('lets all lanes end together where some have three times as many rows in their bytes', () => {
    // 16 lanes of 20 blocks of 3,000 bytes; in every second lane these are 100 rows of 30 bytes, else 300 of 10.
    const lanes = Array.from({ length: 16 }, (_, lane) =>
      Array.from({ length: 20 }, (_, i) => block(lane, lane % 2 === 0 ? 100 : 300, 3000, i === 19)),
    )
    const runs = useRows(create(lanes, 8), lanes.flat(), 8, 4)
    const lastUse = lanes.map((_, lane) => runs.findLastIndex((run) => run.block.lane === lane))
    // By turns alone, the lanes of long rows would end after half of all runs.
    expect(Math.min(...lastUse)).toBeGreaterThan(runs.length * 0.99)
    // And at any time: half-way through, each lane is about half used.
    const half = runs.slice(0, runs.length / 2)
    for (const [lane, blocks] of lanes.entries()) {
      const used = half.reduce((sum, run) => sum + (run.block.lane === lane ? run.count : 0), 0)
      expect(used / (blocks[0]!.rows * 20)).toBeCloseTo(0.5, 1)
    }
  })

  it('gives each shard a lane of a group of its own while all are level', () => {
    const lanes = Array.from({ length: 8 }, (_, lane) => [block(lane, 100, 1000, true)])
    const lanesOfFirst = useRows(create(lanes, 4), lanes.flat(), 4, 5)
      .slice(0, 4)
      .map((run) => Math.floor(run.block.lane / 2))
    expect(lanesOfFirst).toEqual([0, 1, 2, 3])
  })

  it('draws another order for another seed', () => {
    const lanes = Array.from({ length: 32 }, (_, lane) => [block(lane, 10, 100, true)])
    const sequence = (seed: number) =>
      useRows(create(lanes, 2, seed), lanes.flat(), 2, 10).map((run) => run.block.lane)
    expect(sequence(1)).toEqual(sequence(1))
    expect(sequence(1)).not.toEqual(sequence(2))
  })

  it('has nothing to give where no lane has rows', () => {
    expect(useRows(create([[block(0, 0, 10, true)]], 8), [block(0, 0, 10, true)], 8, 1)).toEqual([])
  })
})

describe('BufferOrder', () => {
  const create = (places: number, seed = 1, opened: Block[] = []) =>
    new BufferOrder(places, seed, 1, (one) => opened.push(one))
  const stream = (count: number, rows = 6) => Array.from({ length: count }, () => block(0, rows, 60, false))

  it.each([1, 2, 5, 40])('with %i places uses every row once, in order within its block', (places) => {
    const blocks = [...stream(9), block(0, 0, 10, false), ...stream(10)]
    const rows = rowsOf(useRows(create(places), blocks, 4, 2), blocks)
    expect([...rows].sort()).toEqual(allRows(blocks).sort())
    for (const [i] of blocks.entries()) {
      const own = rows.filter((row) => row.startsWith(`${i}:`))
      expect(own).toEqual([...own].sort())
    }
  })

  it('with one place is the order of the stream', () => {
    const blocks = stream(7)
    expect(rowsOf(useRows(create(1), blocks, 4, 4), blocks)).toEqual(allRows(blocks))
  })

  it('never reaches beyond its places', () => {
    const blocks = stream(60)
    const order = create(8)
    const left = new Map(blocks.map((one) => [one, one.rows]))
    let furthest = 0
    for (const run of useRows(order, blocks, 2, 1)) {
      left.set(run.block, left.get(run.block)! - run.count)
      furthest = Math.max(furthest, blocks.indexOf(run.block))
      // Blocks up to the furthest one that still have rows: they all must have a place, besides those just used up.
      const unfinished = blocks.slice(0, furthest + 1).filter((one) => left.get(one)! > 0).length
      expect(unfinished).toBeLessThanOrEqual(8)
    }
  })

  it('mixes: neighbouring runs are rarely of one block', () => {
    const blocks = stream(100, 20)
    const runs = useRows(create(20), blocks, 2, 1)
    const same = runs.filter((run, i) => i > 0 && run.block === runs[i - 1]!.block).length
    // Each draw is the block before with probability 1/20: 100 of 2,000 expected, deviation √95 < 10. At the end
    // fewer places are filled, which adds some dozens.
    expect(same).toBeLessThan(250)
  })

  it('does not depend on how fast blocks come', () => {
    const blocks = stream(30)
    const slow = rowsOf(useRows(create(5), blocks, 3, 2), blocks)
    const order: RowOrder = create(5)
    for (const one of blocks.slice(0, -1)) order.offer(one)
    expect(rowsOf(useRows(order, blocks.slice(-1), 3, 2), blocks)).toEqual(slow)
  })
})

describe('FileOrder', () => {
  it('is the order of the file, and passes over blocks without rows', () => {
    const blocks = [block(0, 3, 9, false), block(0, 0, 9, false), block(0, 4, 9, false)]
    expect(rowsOf(useRows(new FileOrder(() => {}), blocks, 8, 2), blocks)).toEqual(allRows(blocks))
  })

  it('waits for a block that is not there yet, and ends', () => {
    const order = new FileOrder(() => {})
    expect(order.choose(0, [])).toBe('wait')
    order.end()
    expect(order.choose(0, [])).toBe('end')
  })
})
