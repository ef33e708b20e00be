import { exp } from '../numeric/exp.js'
import { log } from '../numeric/log.js'
import { heldScore, predictMean } from './log-link.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Tweedie loss, half the deviance of amounts y ≥ 0 of which some are exactly 0 (claims, rain), with the mean μ = e^z and a
 * variance of μ^p.
 *
 *     loss = y^(2−p) / ((1−p)(2−p)) − y·μ^(1−p) / (1−p) + μ^(2−p) / (2−p)     ∂loss/∂z = μ^(2−p) − y·μ^(1−p)
 *     prediction = μ
 *
 * 1 < p < 2, by default 1.5; the limits are the Poisson and the gamma loss. z is held between ±30. For y in units of
 * `scale` the loss is in units of scale^(2−p).
 * Source: B. Jørgensen, "Exponential Dispersion Models", 1987.
 */
export const tweedie: LossFacts<'tweediePower'> = {
  targetKind: 'number',
  targetRange: 'not negative',
  kernel: { loss: 'lossTweedie', predict: 'predictMean' },
  metrics: 'number',
  knownAs: { metric: 'deviance', factor: 2 },
  outputs: () => 1,
  settings: {
    tweediePower: {
      expected: 'a number above 1 (which is poisson) and below 2 (which is gamma)',
      holds: (power) => power > 1 && power < 2,
      byDefault: () => 1.5,
    },
  },
}

export const tweedieEquations: CreateEquations<'tweediePower'> = ({ tweediePower: p }, scale) => ({
  // p − 1 keeps more digits in f32 than p.
  setting: p - 1,
  unit: exp((2 - p) * log(scale)),
  value: (z, at, _outputs, y) => {
    const score = heldScore(z[at]!)
    const ofTarget = y === 0 ? 0 : exp((2 - p) * log(y)) / ((1 - p) * (2 - p))
    return ofTarget - (y * exp((1 - p) * score)) / (1 - p) + exp((2 - p) * score) / (2 - p)
  },
  gradient: (z, at, _outputs, y, dz) => {
    const score = heldScore(z[at]!)
    dz[at] = exp((2 - p) * score) - y * exp((1 - p) * score)
  },
  predict: predictMean,
})
