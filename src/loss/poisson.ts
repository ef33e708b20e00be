import { exp } from '../numeric/exp.js'
import { log } from '../numeric/log.js'
import { heldScore, predictMean } from './log-link.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Poisson loss, half the deviance of counts y ≥ 0 with the mean μ = e^z: the negative log-likelihood, less that of μ = y.
 *
 *     loss = μ − y + y·log(y / μ)     ∂loss/∂z = μ − y     prediction = μ
 *
 * where 0·log 0 = 0, and z is held between ±30. For y in units of `scale` the loss is in the same units.
 * Source: J. A. Nelder, R. W. M. Wedderburn, "Generalized Linear Models", 1972.
 */
export const poisson: LossFacts<never> = {
  targetKind: 'number',
  targetRange: 'not negative',
  kernel: { loss: 'lossPoisson', predict: 'predictMean' },
  metrics: 'number',
  knownAs: { metric: 'deviance', factor: 2 },
  outputs: () => 1,
  settings: {},
}

export const poissonEquations: CreateEquations<never> = (_settings, scale) => ({
  setting: 0,
  unit: scale,
  value: (z, at, _outputs, y) => {
    const score = heldScore(z[at]!)
    return exp(score) - y + (y === 0 ? 0 : y * (log(y) - score))
  },
  gradient: (z, at, _outputs, y, dz) => {
    dz[at] = exp(heldScore(z[at]!)) - y
  },
  predict: predictMean,
})
