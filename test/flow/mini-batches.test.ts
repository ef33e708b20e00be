import { EMPTY, from, NEVER, Subject, throwError, type Observable } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { BatchWord, batchBytes, RunWord, shardRows } from '../../src/engine/batch.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import type { Block } from '../../src/flow/block.js'
import { miniBatches, type BatchPlan, type MiniBatch } from '../../src/flow/mini-batches.js'
import { FileOrder } from '../../src/flow/row-order.js'
import { block } from './blocks.js'

const ROW_BYTES = 16
const memory = new SharedMemory(compileKernel())

function planOf(batchRows: number, shards: number): BatchPlan {
  const region = memory.allocate('mini-batch', batchBytes(batchRows))
  const gathered = memory.allocate('gathered', batchRows * ROW_BYTES)
  const batch = new Uint32Array(memory.memory.buffer, region.start, region.bytes / 4)
  return { batchRows, shards, batch, rowBytes: ROW_BYTES, memory, gathered, waited: () => undefined }
}

/** Blocks whose rows hold, in their first word, their number in the whole input. */
function numberedBlocks(sizes: readonly number[], released: number[] = []): Block[] {
  let next = 0
  return sizes.map((rows, i) => {
    const { start } = memory.allocate('rows', rows * ROW_BYTES)
    for (let row = 0; row < rows; row++) memory.views.u32[(start + row * ROW_BYTES) >>> 2] = next++
    return block(0, rows, rows * 10, i === sizes.length - 1, start, () => {
      // Whoever reads the rows after this reads something else.
      memory.views.u32.fill(0xdead, start >>> 2, (start + rows * ROW_BYTES) >>> 2)
      released.push(i)
    })
  })
}

/** Numbers of the rows of each shard, read from where the mini-batch says that they lie. */
function readShards({ batch, shards }: BatchPlan): number[][] {
  let first = 0
  return Array.from({ length: shards }, (_, shard) => {
    const numbers: number[] = []
    for (let run = batch[BatchWord.FirstRun + shard]!; run < batch[BatchWord.FirstRun + shard + 1]!; run++) {
      const at = BatchWord.Runs + run * RunWord.SIZE
      expect(batch[at + RunWord.First]).toBe(first)
      first += batch[at + RunWord.Count]!
      for (let row = 0; row < batch[at + RunWord.Count]!; row++) {
        numbers.push(memory.views.u32[(batch[at + RunWord.Rows]! + row * ROW_BYTES) >>> 2]!)
      }
    }
    return numbers
  })
}

const cut = (blocks: Observable<Block>, plan: BatchPlan) =>
  blocks.pipe(miniBatches(new FileOrder(() => {}), plan))

/** All mini-batches, each given back at once. */
async function cutAll(blocks: readonly Block[], plan: BatchPlan): Promise<number[][][]> {
  const batches: number[][][] = []
  await new Promise<void>((resolve, reject) => {
    cut(from(blocks), plan).subscribe({
      next(batch) {
        batches.push(readShards(plan))
        batch.done()
      },
      error: reject,
      complete: resolve,
    })
  })
  return batches
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('mini-batches', () => {
  it.each([
    ['nothing', [], 4, 2],
    ['blocks without rows', [0, 0], 4, 2],
    ['one row', [1], 4, 2],
    ['one row a mini-batch', [3, 4], 1, 8],
    ['fewer rows than shards', [2, 1], 8, 8],
    ['many blocks to a mini-batch', [3, 0, 5, 1, 1, 7, 2], 16, 4],
    ['many mini-batches to a block', [50, 50], 7, 2],
    ['a mini-batch of all', [4, 4], 8, 4],
  ])('of %s have every row once, B of them but in the last', async (_name, sizes, batchRows, shards) => {
    const plan = planOf(batchRows, shards)
    const batches = await cutAll(numberedBlocks(sizes), plan)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    expect(batches.flat(2)).toEqual(upTo(total))
    const lengths = batches.map((batch) => batch.flat().length)
    expect(lengths).toEqual(
      upTo(Math.ceil(total / batchRows)).map((i) => Math.min(batchRows, total - i * batchRows)),
    )
    for (const batch of batches.slice(0, -1)) {
      expect(batch.map((rows) => rows.length)).toEqual(
        upTo(shards).map((shard) => shardRows(batchRows, shards, shard)),
      )
    }
  })

  it('free a slot when its last row has been used, not before', async () => {
    const released: number[] = []
    const plan = planOf(4, 2)
    const lent: MiniBatch[] = []
    let complete = false
    cut(from(numberedBlocks([6, 3], released)), plan).subscribe({
      next: (batch) => lent.push(batch),
      complete: () => (complete = true),
    })
    // One mini-batch is lent; the next is not cut before it has been given back.
    expect([lent.length, released]).toEqual([1, []])
    lent[0]!.done()
    expect([lent.length, released]).toEqual([2, []])
    expect(readShards(plan)).toEqual([
      [4, 5],
      [6, 7],
    ])
    lent[1]!.done()
    expect([lent.length, released]).toEqual([3, [0]])
    lent[2]!.done()
    expect([lent.length, released, complete]).toEqual([3, [0, 1], true])
  })

  it('free slots while they wait for more rows, and keep the rows', () => {
    const released: number[] = []
    const plan = planOf(10, 2)
    const blocks = numberedBlocks([4, 3, 6], released)
    const arrivals = new Subject<Block>()
    const seen: number[][][] = []
    cut(arrivals, plan).subscribe((batch) => {
      seen.push(readShards(plan))
      batch.done()
    })
    arrivals.next(blocks[0]!)
    expect(released).toEqual([0])
    arrivals.next(blocks[1]!)
    expect(released).toEqual([0, 1])
    arrivals.next(blocks[2]!)
    arrivals.complete()
    expect(seen).toEqual([
      [
        [0, 1, 2, 3, 4],
        [5, 6, 7, 8, 9],
      ],
      [[10, 11, 12], []],
    ])
  })

  it('let other events through: no turn lasts long', async () => {
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    await new Promise<void>((resolve) => {
      cut(from(numberedBlocks([60])), planOf(1, 1)).subscribe({
        next(batch) {
          // Each step takes a millisecond of this thread.
          for (const end = performance.now() + 1; performance.now() < end;) continue
          batch.done()
        },
        complete: resolve,
      })
    })
    clearInterval(ticking)
    // 60 ms of steps in turns of about 4 ms; half of what that gives, for a busy machine.
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('complete where there are no blocks, wait where none come, and pass on an error', () => {
    const observer = { next: vi.fn(), error: vi.fn(), complete: vi.fn() }
    const plan = planOf(4, 2)
    cut(EMPTY, plan).subscribe(observer)
    expect(observer.complete).toHaveBeenCalledTimes(1)
    const waiting = cut(NEVER, plan).subscribe(observer)
    waiting.unsubscribe()
    const error = new Error('from the source')
    cut(
      throwError(() => error),
      plan,
    ).subscribe(observer)
    expect(observer.error.mock.calls).toEqual([[error]])
    expect(observer.complete).toHaveBeenCalledTimes(1)
    expect(observer.next).not.toHaveBeenCalled()
  })

  it('tell how long they waited for rows, and not how long a step took', async () => {
    const waits: number[] = []
    const plan = { ...planOf(2, 2), waited: (seconds: number) => void waits.push(seconds) }
    const blocks = new Subject<Block>()
    const [first, second] = numberedBlocks([2, 2])
    const lent: MiniBatch[] = []
    const started = performance.now()
    const subscription = cut(blocks, plan).subscribe((batch) => lent.push(batch))
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30))
    await pause()
    blocks.next(first!)
    const waited = (performance.now() - started) / 1000
    expect(waits).toHaveLength(1)
    // Timers may be a millisecond early.
    expect(waits[0]! >= 0.029 && waits[0]! <= waited).toBe(true)
    // The next rows are there before the step is done.
    blocks.next(second!)
    await pause()
    lent[0]!.done()
    expect(lent).toHaveLength(2)
    expect(waits).toHaveLength(1)
    subscription.unsubscribe()
  })

  it('fail where the order does, as at a bad row', () => {
    const order = new FileOrder(() => {
      throw new Error('a bad row')
    })
    const errors: unknown[] = []
    from(numberedBlocks([3]))
      .pipe(miniBatches(order, planOf(4, 2)))
      .subscribe({ error: (error) => errors.push(error) })
    expect(errors).toEqual([new Error('a bad row')])
  })

  it('end with an early unsubscription, also from the source', () => {
    const arrivals = new Subject<Block>()
    let batches = 0
    const subscription = cut(arrivals, planOf(2, 2)).subscribe((batch) => {
      batches++
      if (batches === 2) subscription.unsubscribe()
      batch.done()
    })
    arrivals.next(numberedBlocks([20])[0]!)
    expect([batches, arrivals.observed]).toEqual([2, false])
  })
})
