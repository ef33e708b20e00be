import { exp } from '../numeric/exp.js'
import { log } from '../numeric/log.js'
import { heldScore, predictMean } from './log-link.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Gamma loss, half the deviance of amounts y > 0 with the mean μ = e^z, whose standard deviation grows with their mean.
 *
 *     loss = y/μ − 1 − log(y/μ)     ∂loss/∂z = 1 − y/μ     prediction = μ
 *
 * z is held between ±30. The loss has no unit.
 * Source: P. McCullagh, J. A. Nelder, "Generalized Linear Models", 1989, chapter 8.
 */
export const gamma: LossFacts<never> = {
  targetKind: 'number',
  targetRange: 'positive',
  kernel: { loss: 'lossGamma', predict: 'predictMean' },
  metrics: 'number',
  knownAs: { metric: 'deviance', factor: 2 },
  outputs: () => 1,
  settings: {},
}

export const gammaEquations: CreateEquations<never> = () => ({
  setting: 0,
  unit: 1,
  value: (z, at, _outputs, y) => {
    const score = heldScore(z[at]!)
    return y * exp(-score) - 1 + (score - log(y))
  },
  gradient: (z, at, _outputs, y, dz) => {
    dz[at] = 1 - y * exp(-heldScore(z[at]!))
  },
  predict: predictMean,
})
