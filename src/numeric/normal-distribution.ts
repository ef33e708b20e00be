import { exp } from './exp.js'

const DENSITY_AT_0 = 0.3989422804014327
/** Where the series is left for the continued fraction. */
const SERIES_END = 3
const FRACTION_TERMS = 100

/**
 * Φ(z), the standard normal distribution function, in f64 from + − × ÷ alone.
 *
 *     |z| < 3: ½ + φ(z)·(z + z³/3 + z⁵/(3·5) + z⁷/(3·5·7) + …)
 *     z ≤ −3:  φ(z) / (|z| + 1/(|z| + 2/(|z| + 3/(|z| + …))))     and 1 − Φ(−z) for z ≥ 3
 *
 * φ(z) = e^(−z²/2) / √(2π). Error below 2^−51 of 1; relative error below 2^−42 for every z ≥ −37.
 * Source: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14, 1964.
 */
export function normalDistribution(z: number): number {
  const size = Math.abs(z)
  if (size < SERIES_END) return 0.5 + DENSITY_AT_0 * decay(size) * series(z)
  const tail = (DENSITY_AT_0 * decay(size)) / fraction(size)
  return z > 0 ? 1 - tail : tail
}

/** e^(−u²/2), u² taken apart at u's first 20 bits: the rounding of u² would cost u²/2 ulp. */
function decay(u: number): number {
  if (!(u < 40)) return u >= 40 ? 0 : NaN
  const head = Math.floor(u * 2 ** 14) / 2 ** 14
  return exp((-head * head) / 2) * exp((-(u - head) * (u + head)) / 2)
}

function series(z: number): number {
  const square = z * z
  let term = z
  let sum = z
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 2 ** -54; odd += 2) {
    term *= square / odd
    sum += term
  }
  return sum
}

function fraction(u: number): number {
  let denominator = u
  for (let k = FRACTION_TERMS; k >= 1; k--) denominator = u + k / denominator
  return denominator
}
