/** One row a loss, for all tests that every loss must pass. */
import { createLoss, type Loss, type LossName } from '../../src/loss/index.js'
import { gamma } from '../step/random-rows.js'

/** Relative error of one rounding in f32. */
const u = 2 ** -24

export interface LossCase {
  loss: Loss
  /** Scores of a row. */
  outputs: number
  /** Targets that the loss takes. */
  targets: readonly number[]
  /** ∂³loss/∂z³ is at most this, where the gradient is smooth. */
  thirdDerivative(z: number, y: number): number
  /** Scores at which it is not. */
  kinks(y: number): readonly number[]
  /** What a score predicts: an oracle of its own. */
  prediction?: (z: number) => number
  /**
   * Bounds of |kernel − reference| for one row: of the loss, of dz / weight and of the prediction. Scores are f32, so that
   * both sides start from the same; u = 2^−24.
   */
  kernelBounds(z: Float32Array, y: number, loss: number): readonly [number, number, number]
}

const smooth = (): readonly number[] => []
const none = (): number => 0
const itself = (z: number): number => z
const logOf = (y: number): number => (y === 0 ? 0 : Math.log(y))
const held = (z: number): number => Math.max(Math.min(z, 30), -30)

const DELTA = 1.3
const QUANTILE = 0.9
const POWER = 1.3

export const lossCases: Record<LossName, LossCase> = {
  squared: {
    loss: createLoss('squared'),
    outputs: 1,
    targets: [-3, 0, 0.5],
    thirdDerivative: none,
    kinks: smooth,
    prediction: itself,
    // z − y is rounded once, then squared in f64; dz: 2(z − y), rounded with the weight.
    kernelBounds: ([z], y, loss) => [2.1 * u * loss, 3 * u * 2 * Math.abs(z! - y), 0],
  },
  huber: {
    loss: createLoss('huber', { huberDelta: DELTA }),
    outputs: 1,
    targets: [-3, 0, 0.5],
    thirdDerivative: none,
    kinks: (y) => [y - DELTA, y + DELTA],
    prediction: itself,
    // a = |z − y| and δ are off by u; c = min(a, δ), 2a − c and their product: (2a + c)u + u each, where a ≤ 2a − c: 7u.
    kernelBounds: ([z], y, loss) => [7 * u * loss, 4 * u * 2 * Math.min(Math.abs(z! - y), DELTA), 0],
  },
  quantile: {
    loss: createLoss('quantile', { quantile: QUANTILE }),
    outputs: 1,
    targets: [-3, 0, 0.5],
    thirdDerivative: none,
    kinks: (y) => [y],
    prediction: itself,
    // q and 1 − q ≤ 1 are off by 1.5u, z − y by u of its size, the product by u; z ⋚ y is exact.
    kernelBounds: ([z], y) => [4 * u * Math.abs(z! - y), 3 * u, 0],
  },
  poisson: {
    loss: createLoss('poisson'),
    outputs: 1,
    targets: [0, 1, 7.5],
    thirdDerivative: (z) => Math.exp(held(z)),
    kinks: smooth,
    prediction: Math.exp,
    // e^z is off by 2u and log y by 4u of itself; then log y − z, times y, μ − y and their sum, and the weight.
    kernelBounds: ([z], y) => {
      const [mean, distance] = [Math.exp(held(z!)), Math.abs(logOf(y) - held(z!))]
      const ofLoss = 5 * mean + 4 * y + y * (4 * Math.abs(logOf(y)) + 4 * distance)
      return [u * ofLoss, u * (4.1 * mean + 2.1 * y), 2.1 * u * mean]
    },
  },
  gamma: {
    loss: createLoss('gamma'),
    outputs: 1,
    targets: [0.01, 1, 7.5],
    thirdDerivative: (z, y) => y * Math.exp(-held(z)),
    kinks: smooth,
    prediction: Math.exp,
    // r = y·e^−z is off by 3u; r − 1, z − log y (log y off by 4u of itself) and their sum; dz: 1 − r, then the weight.
    kernelBounds: ([z], y) => {
      const [ratio, distance] = [y * Math.exp(-held(z!)), Math.abs(logOf(y) - held(z!))]
      const ofLoss = 5 * ratio + 2 + 4 * Math.abs(logOf(y)) + 3 * distance
      return [u * ofLoss, u * (5.1 * ratio + 2.1), 2.1 * u * Math.exp(held(z!))]
    },
  },
  tweedie: {
    loss: createLoss('tweedie', { tweediePower: POWER }),
    outputs: 1,
    targets: [0, 0.01, 1, 7.5],
    thirdDerivative: (z, y) => Math.exp(0.7 * held(z)) + y * Math.exp(-0.3 * held(z)),
    kinks: smooth,
    prediction: Math.exp,
    // q = p − 1 is off by u, 1 − q by 1.5u; a product with z by 2u|z| and with log y by 7u|log y|, which are relative
    // errors of the exponentials; these add 2u, and divisors and products up to 5u more; then two sums.
    kernelBounds: ([z], y) => {
      const [q, rest, score] = [POWER - 1, 2 - POWER, held(z!)]
      const size = 2 * Math.abs(score)
      const [growing, falling] = [Math.exp(rest * score), y * Math.exp(-q * score)]
      const ofTarget = y === 0 ? 0 : Math.exp(rest * Math.log(y)) / (q * rest)
      const ofLoss =
        (growing / rest) * (size + 7) + (falling / q) * (size + 7) + ofTarget * (7 * Math.abs(logOf(y)) + 9)
      return [1.1 * u * ofLoss, u * ((size + 5) * growing + (size + 6) * falling), 2.1 * u * Math.exp(score)]
    },
  },
  logistic: {
    loss: createLoss('logistic'),
    outputs: 1,
    targets: [0, 1],
    // σ''(z) = σ(1 − σ)(1 − 2σ), at most √3/18.
    thirdDerivative: () => 0.1,
    kinks: smooth,
    // max(z, 0) − z·y is exact for y in {0, 1}; e^−|z| is off by 1 ulp (2u), which log1p does not enlarge, log1p itself by
    // 2 ulp (4u), the last sum by u: 7u. sigmoid ≤ 1 is off by 3 ulp, of 2^−24 below 1; then − y and · weight.
    kernelBounds: (_z, _y, loss) => [7 * u * loss + 2 ** -148, 5 * u, 3 * u],
  },
  hinge: {
    loss: createLoss('hinge'),
    outputs: 1,
    targets: [0, 1],
    thirdDerivative: none,
    kinks: (y) => [2 * y - 1],
    prediction: itself,
    // 1 − m is rounded once; the gradient is 0 or ±1.
    kernelBounds: (_z, _y, loss) => [1.1 * u * loss, 0, 0],
  },
  'squared-hinge': {
    loss: createLoss('squared-hinge'),
    outputs: 1,
    targets: [0, 1],
    thirdDerivative: none,
    kinks: (y) => [2 * y - 1],
    prediction: itself,
    // 1 − m is rounded once, its square again; dz: 2(1 − m), rounded with the weight.
    kernelBounds: (_z, _y, loss) => [3.1 * u * loss, 2.1 * u * 2 * Math.sqrt(loss), 0],
  },
  softmax: {
    loss: createLoss('softmax'),
    outputs: 4,
    targets: [0, 1, 2, 3],
    // The third cumulant of a 0/1 variable: p(1 − p)(1 − 2p), at most √3/18.
    thirdDerivative: () => 0.1,
    kinks: smooth,
    // z − highest is off by u·spread, so that e is off by u·spread + 2u; the sum adds K/4 + 2 roundings; the logarithm of
    // it turns that into an absolute error, adds 4u of its own value, which is below loss + spread, and two roundings.
    kernelBounds: (z, _y, loss) => {
      const spread = Math.max(...z) - Math.min(...z)
      const sum = u * spread + 2 * u + gamma(z.length / 4 + 2)
      return [sum + 7 * u * (loss + spread + 1), 2 * (sum + 4 * u), 2 * (sum + 2 * u)]
    },
  },
}

export const lossCaseList = Object.entries(lossCases) as [LossName, LossCase][]
