import { powerOfTwo } from './bits.js'

const LN2_HIGH = 6.9314718036912381649e-1
const LN2_LOW = 1.90821492927058770002e-10
const LOG2_E = 1.442695040888963387

const P1 = 1.66666666666666019037e-1
const P2 = -2.77777777770155933842e-3
const P3 = 6.61375632143793436117e-5
const P4 = -1.6533902205465251539e-6
const P5 = 4.13813679705723846039e-8

/** Above this e^x is ∞. */
const LARGEST = 7.09782712893383973096e2
/** Below this e^x is 0. */
const SMALLEST = -7.4513321910194110842e2

/**
 * e^x in f64 from + − × ÷ alone, so that every machine and every Node gives the same bits (Math.exp does not promise it).
 *
 *     x = n ln 2 + r, |r| ≤ ½ ln 2;  e^r = 1 + 2r / (R(r²) − r) with R(r²) = r·(e^r + 1) / (e^r − 1);  e^x = 2^n e^r
 *
 * Error below 1 ulp. e^−∞ = 0, e^∞ = ∞, NaN stays NaN.
 * Source: Sun Microsystems, fdlibm, e_exp.c, 1993.
 */
export function exp(x: number): number {
  if (x > LARGEST) return Infinity
  if (x < SMALLEST) return 0
  const n = Math.round(x * LOG2_E)
  const high = x - n * LN2_HIGH
  const low = n * LN2_LOW
  const r = high - low
  const t = r * r
  const c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))))
  const y = 1 - (low - (r * c) / (2 - c) - high)
  // 2^n itself may be subnormal or overflow where the product does neither.
  if (n > 1023) return y * 2 * powerOfTwo(n - 1)
  if (n < -1021) return y * powerOfTwo(n + 1000) * powerOfTwo(-1000)
  return y * powerOfTwo(n)
}
