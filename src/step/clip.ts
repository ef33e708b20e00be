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

/** Σ g² in f64, from the first entry on. */
export function sumOfSquares(gradient: FloatVector, words: number): number {
  let sum = 0
  for (let i = 0; i < words; i++) {
    const g = gradient[i]!
    sum += g * g
  }
  return sum
}
