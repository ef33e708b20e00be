import { exp } from '../numeric/exp.js'
import { log1p } from '../numeric/log.js'
import type { CreateEquations, LossFacts } from './loss.js'

/** 1 / (1 + e^−z), between 0 and 1; never forms an exponential above 1. */
export function sigmoid(z: number): number {
  const e = exp(-Math.abs(z))
  return z >= 0 ? 1 / (1 + e) : e / (1 + e)
}

/**
 * Logistic loss, the negative log-likelihood of y in {0, 1} where sigmoid(z) is the probability of class 1.
 *
 *     loss = max(z, 0) − z·y + log(1 + e^−|z|)     ∂loss/∂z = sigmoid(z) − y     prediction = sigmoid(z)
 *
 * Source: D. R. Cox, The Regression Analysis of Binary Sequences, 1958.
 */
export const logistic: LossFacts<never> = {
  targetKind: 'binary',
  kernel: { loss: 'lossLogistic', predict: 'predictLogistic' },
  metrics: 'binary',
  knownAs: { metric: 'logLoss', factor: 1 },
  outputs: () => 1,
  settings: {},
}

export const logisticEquations: CreateEquations<never> = () => ({
  setting: 0,
  unit: 1,
  value: (z, at, _outputs, y) => {
    const score = z[at]!
    return Math.max(score, 0) - score * y + log1p(exp(-Math.abs(score)))
  },
  gradient: (z, at, _outputs, y, dz) => {
    dz[at] = sigmoid(z[at]!) - y
  },
  predict: (z, at, _outputs, prediction) => {
    prediction[at] = sigmoid(z[at]!)
  },
})
