/**
 * exp, sigmoid and tanh in f32, and Φ: the lanes of workers/kernel/math.ts and activation.ts, operation by operation, so that
 * the bits are theirs. Sums, products, quotients and square roots of f32 that are taken in f64 and rounded to f32 are those
 * that f32 arithmetic gives (S. Figueroa, When is double rounding innocuous?, 1995).
 */

const f32 = Math.fround

const f32s = (...values: number[]): readonly number[] => values.map(f32)

const bits = new Int32Array(1)
const bitsAsFloat = new Float32Array(bits.buffer)

/** sum + a·b, rounded after the product and after the sum. */
export function multiplyAdd(sum: number, a: number, b: number): number {
  return f32(sum + f32(a * b))
}

/** c[0] + x·(c[1] + x·(c[2] + …)) */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => f32(f32(sum * x) + coefficient))
}

const EXP_COEFFICIENTS = f32s(
  0.5,
  0.1666666567325592,
  0.04166629537940025,
  0.008333497680723667,
  0.0013944703387096524,
  0.000197902976651676,
)
const LOG2_E = f32(1.44269504088896341)
const LN2_HIGH = 0.693359375
const LN2_LOW = f32(-2.1219444005469058e-4)
const ROUND = 12582912
const ONE_BITS = 0x3f800000

/** 2^exponent, −127 < exponent < 128. */
function powerOfTwo(exponent: number): number {
  bits[0] = (exponent << 23) + ONE_BITS
  return bitsAsFloat[0]!
}

/** e^x. Error ≤ 1 ulp. */
export function exp(value: number): number {
  const x = Math.max(Math.min(value, 89), -104.5)
  if (Number.isNaN(x)) return NaN
  const n = f32(f32(f32(x * LOG2_E) + ROUND) - ROUND)
  const r = f32(f32(x - f32(n * LN2_HIGH)) - f32(n * LN2_LOW))
  const p = f32(f32(f32(polynomial(EXP_COEFFICIENTS, r) * f32(r * r)) + r) + 1)
  const half = n >> 1
  return f32(f32(p * powerOfTwo(half)) * powerOfTwo(n - half))
}

/** 1 / (1 + e^−z). Error ≤ 2.5 ulp. */
export function sigmoid(z: number): number {
  const e = exp(-Math.abs(z))
  return f32((z >= 0 ? 1 : e) / f32(1 + e))
}

const TANH_COEFFICIENTS = f32s(
  -3.33332819422e-1,
  1.33314422036e-1,
  -5.37397155531e-2,
  2.06390887954e-2,
  -5.70498872745e-3,
)

/** Error ≤ 2 ulp. */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (size < 0.625) {
    const t = f32(x * x)
    return f32(x + f32(f32(polynomial(TANH_COEFFICIENTS, t) * t) * x))
  }
  const far = f32(1 - f32(2 / f32(exp(f32(size + size)) + 1)))
  return x < 0 ? -far : far
}

const DECAY_COEFFICIENTS = f32s(0.5, -0.1666666716337204)
const NORMAL_SCALE = f32(0.24)
const NORMAL_COEFFICIENTS = f32s(
  0.09574286784305708,
  0.09584330128391028,
  0.08903971284440355,
  0.08731351072793031,
  0.029346519430019747,
  0.13939928453570807,
  -0.14197517773606205,
  0.20386825291869817,
  -0.12399185157156588,
  0.025413581248873354,
)

/** e^(−u²/2), 0 ≤ u ≤ 14.5. */
function normalDecay(u: number): number {
  bitsAsFloat[0] = u
  bits[0]! &= 0xfffff000
  const h = bitsAsFloat[0]
  const d = f32(f32(f32(u - h) * f32(u + h)) * 0.5)
  const p = f32(f32(polynomial(DECAY_COEFFICIENTS, d) * d) - 1)
  return f32(exp(f32(f32(h * h) * -0.5)) * f32(f32(p * d) + 1))
}

/** Φ(z), the standard normal distribution. */
export function normalDistribution(z: number): number {
  const u = Math.min(Math.abs(z), 14.5)
  const t = f32(1 / f32(f32(u * NORMAL_SCALE) + 1))
  const tail = f32(normalDecay(u) * f32(polynomial(NORMAL_COEFFICIENTS, t) * t))
  return z < 0 ? tail : f32(1 - tail)
}
