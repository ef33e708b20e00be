import { Observable, type OperatorFunction } from 'rxjs'
import { BatchWord, RunWord, shardRows } from '../engine/batch.js'
import type { Region, SharedMemory } from '../engine/memory.js'
import type { Block } from './block.js'
import type { RowOrder } from './row-order.js'

/** A mini-batch, cut and written to shared memory; there is only one at a time, and it is lent, not given. */
export interface MiniBatch {
  readonly rows: number
  /** The stretches of rows that it is made of, in the order of the shards. */
  runs(): Iterable<BatchRun>
  /** Gives it back when its step is done: used-up slots are freed, and the next mini-batch may be cut. */
  done(): void
}

/** Rows of one block that lie one after the other. */
export interface BatchRun {
  readonly block: Block
  /** Address of the first row. */
  readonly rows: number
  readonly count: number
  /** Number of the first row within the mini-batch. */
  readonly first: number
}

/** What mini-batches are cut to: sizes, and the places in the shared memory where they are written. */
export interface BatchPlan {
  readonly batchRows: number
  readonly shards: number
  /** See engine/batch.ts. */
  readonly batch: Uint32Array
  /** Bytes of an encoded row. */
  readonly rowBytes: number
  readonly memory: SharedMemory
  /** Room for the rows of one mini-batch, for those that cannot stay in their slots. */
  readonly gathered: Region
  /** Told how long no mini-batch could be cut for want of rows. */
  waited(seconds: number): void
}

/** Time after which cutting and training let other events (answers of workers, timers, Ctrl-C) through, in milliseconds. */
const TURN = 1

/**
 * Blocks → mini-batches of exactly `batchRows` rows (the last one may have fewer), each cut into `shards` shards.
 *
 * RxJS has no back-pressure, so this operator holds it up by credit: it emits the next mini-batch only when the one
 * before has been given back. Blocks queue up meanwhile, but no more of them than there are slots.
 */
export function miniBatches(order: RowOrder, plan: BatchPlan): OperatorFunction<Block, MiniBatch> {
  return (blocks) =>
    new Observable((subscriber) => {
      const cutter = new BatchCutter(order, plan)
      let lent = false
      let cutting = false
      let turn: NodeJS.Immediate | undefined
      let waitingSince: number | undefined = performance.now()

      const miniBatch = {
        rows: 0,
        runs: () => cutter.runs(),
        done(): void {
          lent = false
          cutter.releaseUsed()
          cut()
        },
      }
      // A step on this thread ends within `next`, so `done` comes while `cut` is running: the loop below goes on then.
      const cut = (): void => {
        if (cutting || turn !== undefined) return
        cutting = true
        const started = performance.now()
        try {
          while (!lent && !subscriber.closed) {
            const rows = cutter.next()
            if (rows === 'wait') {
              waitingSince ??= performance.now()
              break
            }
            if (waitingSince !== undefined) {
              plan.waited((performance.now() - waitingSince) / 1000)
              waitingSince = undefined
            }
            if (rows === 0) {
              subscriber.complete()
              break
            }
            lent = true
            miniBatch.rows = rows
            subscriber.next(miniBatch)
            if (performance.now() - started < TURN) continue
            turn = setImmediate(() => {
              turn = undefined
              cut()
            })
            break
          }
        } catch (error) {
          subscriber.error(error)
        }
        cutting = false
      }
      subscriber.add(() => clearImmediate(turn))
      subscriber.add(
        blocks.subscribe({
          next: (block) => {
            order.offer(block)
            cut()
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            order.end()
            cut()
          },
        }),
      )
    })
}

/** Cuts rows into shards and writes where they lie (engine/batch.ts). It can stop anywhere, when a block is not there yet. */
class BatchCutter {
  readonly #used: Block[] = []
  /** The block of each run. */
  readonly #blocks: Block[] = []
  #shard = 0
  #shardRows = 0
  #rows = 0
  #runs = 0
  #ended = false

  constructor(
    private readonly order: RowOrder,
    private readonly plan: BatchPlan,
  ) {}

  /** Rows of the next mini-batch, 0 after the last, 'wait' where a block is not there yet. */
  next(): number | 'wait' {
    const { shards, batch } = this.plan
    while (this.#shard < shards && !this.#ended) {
      if (this.#fillShard()) continue
      this.#gatherUsed()
      return 'wait'
    }
    const rows = this.#rows
    for (let s = this.#shard; s <= shards; s++) batch[BatchWord.FirstRun + s] = this.#runs
    this.#shard = 0
    this.#rows = 0
    this.#runs = 0
    return rows
  }

  /** Of the mini-batch that was cut last. */
  *runs(): Generator<BatchRun> {
    const { shards, batch } = this.plan
    const runs = batch[BatchWord.FirstRun + shards]!
    for (let run = 0; run < runs; run++) {
      const word = BatchWord.Runs + run * RunWord.SIZE
      yield {
        block: this.#blocks[run]!,
        rows: batch[word + RunWord.Rows]!,
        count: batch[word + RunWord.Count]!,
        first: batch[word + RunWord.First]!,
      }
    }
  }

  /** False where it has to wait. */
  #fillShard(): boolean {
    const { batchRows, shards, batch } = this.plan
    const size = shardRows(batchRows, shards, this.#shard)
    if (this.#shardRows === 0) batch[BatchWord.FirstRun + this.#shard] = this.#runs
    while (this.#shardRows < size) {
      const queue = this.order.choose(this.#shard, this.#used)
      if (queue === 'wait') return false
      if (queue === 'end') {
        this.#ended = true
        break
      }
      this.#addRun(queue.takeRun(size - this.#shardRows, this.#used))
      this.order.taken(this.#shard)
    }
    this.#shard++
    this.#shardRows = 0
    return true
  }

  #addRun({ block, first, count }: { block: Block; first: number; count: number }): void {
    const word = BatchWord.Runs + this.#runs * RunWord.SIZE
    const { batch, rowBytes } = this.plan
    batch[word + RunWord.Rows] = block.slot.rows + first * rowBytes
    batch[word + RunWord.Count] = count
    batch[word + RunWord.First] = this.#rows
    this.#blocks[this.#runs] = block
    this.#runs++
    this.#rows += count
    this.#shardRows += count
  }

  /**
   * Moves the rows of used-up slots out of them, so that the slots are free while the mini-batch waits for more rows.
   * It may be larger than all slots together: then nothing else would ever free one. Where a row lies changes no result.
   */
  #gatherUsed(): void {
    if (this.#used.length === 0) return
    const { batch, rowBytes, memory, gathered } = this.plan
    const { u8 } = memory.views
    const used = new Set(this.#used)
    for (let run = 0; run < this.#runs; run++) {
      if (!used.has(this.#blocks[run]!)) continue
      const word = BatchWord.Runs + run * RunWord.SIZE
      const from = batch[word + RunWord.Rows]!
      const to = gathered.start + batch[word + RunWord.First]! * rowBytes
      u8.copyWithin(to, from, from + batch[word + RunWord.Count]! * rowBytes)
      batch[word + RunWord.Rows] = to
    }
    this.releaseUsed()
  }

  /** Frees the slots whose last row has been trained on. */
  releaseUsed(): void {
    for (const block of this.#used) block.release()
    this.#used.length = 0
  }
}
