import type { FloatVector } from './rows.js'

/**
 * Sums shards 0 … S − 1 into shard 0 by the fixed binary tree ((0 + 1) + (2 + 3)) + …
 *
 * `add(into, from)` adds one shard to another. Which shards are added, and in what order, depends on S alone, so the
 * sum has the same bits whoever computed the shards and whenever they arrived. An aligned subtree of 2^j shards may be
 * summed first, elsewhere. Where S is not a power of two, a missing right branch is left out.
 */
export function sumTree(shards: number, add: (into: number, from: number) => void): void {
  for (let span = 1; span < shards; span *= 2) {
    for (let into = 0; into + span < shards; into += 2 * span) add(into, into + span)
  }
}

/**
 * Average: the partial gradients of the shards → the mean gradient of the mini-batch, left in partials[0].
 *
 *     gradient = (((partial 0 + partial 1) + (partial 2 + partial 3)) + …) / Σ weight
 *
 * The other partials hold sums of subtrees afterwards. Where every weight is 0 the gradient is 0.
 * Kernel twins: add and scale.
 */
export function averageTree<Vector extends FloatVector>(
  partials: readonly Vector[],
  totalWeight: number,
): Vector {
  sumTree(partials.length, (into, from) => addTo(partials[into]!, partials[from]!))
  const gradient = partials[0]!
  const factor = totalWeight > 0 ? 1 / totalWeight : 0
  for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor
  return gradient
}

function addTo(sum: FloatVector, term: FloatVector): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += term[i]!
}
