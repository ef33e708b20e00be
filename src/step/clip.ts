import type { FloatVector } from './rows.js'

/**
 * Between average and descent: the mean gradient is kept within bounds, where that is asked for.
 *
 *     g ← min(limit, max(−limit, g))          by value, each entry by itself
 *     g ← g · min(1, limit / √(Σ g²))         by norm, over all parameters, after that
 *
 * NaN stays NaN. Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks",
 * 2013, algorithm 1.
 */
export function clampGradient(gradient: FloatVector, limit: number, words: number): void {
  for (let i = 0; i < words; i++) gradient[i] = Math.min(limit, Math.max(-limit, gradient[i]!))
}

export function scaleGradient(gradient: FloatVector, factor: number, words: number): void {
  for (let i = 0; i < words; i++) gradient[i]! *= factor
}

/** Σ g² in f64, finite where every entry is: eight sums, of every eighth entry, added as a tree, as the kernel has it. */
export function sumOfSquares(gradient: FloatVector, words: number): number {
  const sums = new Float64Array(8)
  const rest = new Float64Array(2)
  const whole = words - (words % 8)
  for (let i = 0; i < words; i++) {
    const g = gradient[i]!
    if (i < whole) sums[i % 8]! += g * g
    else rest[i % 2]! += g * g
  }
  const half = (parity: number): number =>
    sums[parity]! + sums[2 + parity]! + (sums[4 + parity]! + sums[6 + parity]!) + rest[parity]!
  return half(0) + half(1)
}
