import { highWord, withHighWord } from './bits.js'
import { exp } from './exp.js'

const LN2_HIGH = 6.9314718036912381649e-1
const LN2_LOW = 1.90821492927058770002e-10

const L1 = 6.66666666666673513e-1
const L2 = 3.999999999940941908e-1
const L3 = 2.857142874366239149e-1
const L4 = 2.222219843214978396e-1
const L5 = 1.818357216161805012e-1
const L6 = 1.531383769920937332e-1
const L7 = 1.479819860511658591e-1

const TWO_54 = 18014398509481984
const SMALLEST_NORMAL = 2.2250738585072014e-308
const SQRT_HALF = 0.7071067811865475244
const SQRT_TWO = 1.4142135623730950488

/** R(s²) of log(1 + f) = f − (½f² − s·(½f² + R)), s = f / (2 + f), for √½ ≤ 1 + f ≤ √2. */
function remainder(s: number): number {
  const z = s * s
  return z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))))
}

/** n ln 2 + log(1 + f) + correction */
function assemble(n: number, f: number, correction: number): number {
  const s = f / (2 + f)
  const half = 0.5 * f * f
  return n * LN2_HIGH - (half - (s * (half + remainder(s)) + (n * LN2_LOW + correction)) - f)
}

/** x > 0 as 2^n · m with √½ ≤ m < √2. */
function split(x: number): { n: number; m: number } {
  let n = 0
  let m = x
  if (m < SMALLEST_NORMAL) {
    n = -54
    m *= TWO_54
  }
  const high = highWord(m)
  n += (high >> 20) - 1023
  m = withHighWord(m, (high & 0xfffff) | 0x3ff00000)
  return m < SQRT_TWO ? { n, m } : { n: n + 1, m: m / 2 }
}

/**
 * Natural logarithm in f64 from + − × ÷ alone.
 *
 *     x = 2^n (1 + f), √½ ≤ 1 + f < √2;  log x = n ln 2 + log(1 + f)
 *
 * Error below 1 ulp. log 0 = −∞, log ∞ = ∞, NaN below 0.
 * Source: Sun Microsystems, fdlibm, e_log.c, 1993.
 */
export function log(x: number): number {
  if (x === 0) return -Infinity
  if (!(x > 0)) return NaN
  if (x === Infinity) return Infinity
  const { n, m } = split(x)
  return assemble(n, m - 1, 0)
}

/**
 * log(1 + x) in f64, accurate where 1 + x rounds to 1.
 *
 *     u = 1 + x rounded, c = (what the rounding lost) / u;  log(1 + x) = log u + c
 *
 * Error below 1 ulp. −∞ at −1, NaN below, ∞ at ∞.
 * Source: Sun Microsystems, fdlibm, s_log1p.c, 1993.
 */
export function log1p(x: number): number {
  if (x === -1) return -Infinity
  if (!(x > -1)) return NaN
  if (x === Infinity || x === 0) return x
  if (1 + x > SQRT_HALF && 1 + x < SQRT_TWO) return assemble(0, x, 0)
  const u = 1 + x
  const lost = u >= 2 ? 1 - (u - x) : x - (u - 1)
  const { n, m } = split(u)
  return assemble(n, m - 1, lost / u)
}

/**
 * base^exponent = e^(exponent · log base) for base > 0, as schedules need it.
 *
 * The error grows with the exponential's argument: at most about 1 + 2·|exponent · log base| ulp.
 */
export function pow(base: number, exponent: number): number {
  return exp(exponent * log(base))
}
