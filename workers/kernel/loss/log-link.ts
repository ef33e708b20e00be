import { exp4, log4 } from '../math'
import { lossOfRows } from './rows'

/** e^±30 can neither overflow nor vanish. */
const LARGEST_SCORE: f32 = 30.0

/** z, held between ±30. NaN stays NaN. */
// @ts-ignore: decorator
@inline
function held4(z: v128): v128 {
  return f32x4.pmax(f32x4.pmin(z, f32x4.splat(LARGEST_SCORE)), f32x4.splat(-LARGEST_SCORE))
}

/** `value` where y is not 0, else 0: what it is in the limit. */
// @ts-ignore: decorator
@inline
function unlessZero(value: v128, y: v128): v128 {
  return v128.andnot(value, f32x4.eq(y, f32x4.splat(0.0)))
}

/** prediction = e^z, z held between ±30: the mean of y. */
export function predictMean(z: usize, count: u32, outputs: u32, prediction: usize): void {
  const end = z + ((<usize>count * outputs) << 2)
  for (; z + 16 <= end; z += 16, prediction += 16) v128.store(prediction, exp4(held4(v128.load(z))))
  for (; z < end; z += 4, prediction += 4) {
    store<f32>(prediction, f32x4.extract_lane(exp4(held4(v128.load32_zero(z))), 0))
  }
}

/** μ − y + y·log(y / μ) with μ = e^z. */
@unmanaged
class Poisson {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, _setting: v128): v128 {
    const score = held4(z)
    const surprise = unlessZero(f32x4.mul(y, f32x4.sub(log4(y), score)), y)
    return f32x4.add(f32x4.sub(exp4(score), y), surprise)
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, _setting: v128): v128 {
    return f32x4.sub(exp4(held4(z)), y)
  }
}

/** Poisson, row by row. One output. */
export function lossPoisson(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Poisson>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}

/** y/μ − 1 − log(y/μ) with μ = e^z. */
@unmanaged
class Gamma {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, _setting: v128): v128 {
    const score = held4(z)
    const ratio = f32x4.mul(y, exp4(f32x4.neg(score)))
    return f32x4.add(f32x4.sub(ratio, f32x4.splat(1.0)), f32x4.sub(score, log4(y)))
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, _setting: v128): v128 {
    return f32x4.sub(f32x4.splat(1.0), f32x4.mul(y, exp4(f32x4.neg(held4(z)))))
  }
}

/** Gamma, row by row. One output. */
export function lossGamma(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Gamma>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}

/** With q = p − 1: μ^(1−q) / (1 − q) + y·μ^(−q) / q − y^(1−q) / (q·(1 − q)). */
@unmanaged
class Tweedie {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, q: v128): v128 {
    const score = held4(z)
    const rest = f32x4.sub(f32x4.splat(1.0), q)
    const ofMean = f32x4.div(exp4(f32x4.mul(rest, score)), rest)
    const ofBoth = f32x4.div(f32x4.mul(y, exp4(f32x4.neg(f32x4.mul(q, score)))), q)
    // log 0 = −∞, whose exponential is 0.
    const ofTarget = f32x4.div(exp4(f32x4.mul(rest, log4(y))), f32x4.mul(q, rest))
    return f32x4.sub(f32x4.add(ofMean, ofBoth), ofTarget)
  }

  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, q: v128): v128 {
    const score = held4(z)
    const growing = exp4(f32x4.mul(f32x4.sub(f32x4.splat(1.0), q), score))
    return f32x4.sub(growing, f32x4.mul(y, exp4(f32x4.neg(f32x4.mul(q, score)))))
  }
}

/** Tweedie, row by row. One output. */
export function lossTweedie(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Tweedie>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}
