import type { VectorKernel } from '../../workers/kernel.js'
import type { ShardPlan } from '../../workers/protocol.js'
import { BatchWord, RunWord } from './batch.js'
import type { ShardSteps } from './steps.js'

/**
 * Forward, loss and backprop for `shards` neighbouring shards of the current mini-batch, and the sum of their partial
 * gradients by the fixed tree ((0+1)+(2+3))+…; the sum is left in the first of the partials.
 *
 * It adds like a binary counter: after shard i, as many pairs are merged as i has trailing ones, so that
 * log2(shards) + 1 partial gradients are enough. `shards` is a power of two and `firstShard` a multiple of it: the
 * sum is then one subtree of the whole tree, whichever thread computes it.
 */
export function shardsGradient(
  vectors: VectorKernel,
  steps: ShardSteps,
  u32: Uint32Array,
  plan: ShardPlan,
  firstShard: number,
  shards: number,
  partials: number,
): void {
  const words = plan.denseGradientWords
  const bytes = words * 4
  const batch = plan.batch >>> 2
  let depth = 0
  steps.begin(u32[batch + BatchWord.Step]!)
  for (let i = 0; i < shards; i++) {
    const shard = firstShard + i
    const partial = partials + depth * bytes
    vectors.zero(partial, words)
    vectors.zero(plan.totals + shard * 16, 4)
    const lastRun = u32[batch + BatchWord.FirstRun + shard + 1]!
    for (let run = u32[batch + BatchWord.FirstRun + shard]!; run < lastRun; run++) {
      const at = batch + BatchWord.Runs + run * RunWord.SIZE
      const rows = u32[at + RunWord.Rows]!
      const count = u32[at + RunWord.Count]!
      const first = u32[at + RunWord.First]!
      // Every sum goes row after row: where a run is cut decides no bit.
      for (let done = 0; done < count; done += plan.rowsAtOnce) {
        const piece = Math.min(plan.rowsAtOnce, count - done)
        const at = rows + done * plan.stride
        steps.forward(at, piece, first + done)
        steps.loss(at, piece, first + done, shard)
        steps.backprop(at, piece, first + done, partial)
      }
    }
    depth++
    for (let ones = i; ones & 1; ones >>= 1) {
      depth--
      vectors.add(partials + (depth - 1) * bytes, partials + depth * bytes, words)
    }
  }
}

/** Partial gradients that `shardsGradient` needs room for. */
export function treeLevels(shards: number): number {
  return Math.log2(shards) + 1
}
