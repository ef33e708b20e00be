import { exp } from '../numeric/exp.js'
import { log } from '../numeric/log.js'
import type { FloatVector } from '../step/rows.js'
import type { CreateEquations, LossFacts } from './loss.js'

/** max_k z[at + k], subtracted before every exponential so that none exceeds 1. */
function largest(z: FloatVector, at: number, outputs: number): number {
  let most = -Infinity
  for (let k = 0; k < outputs; k++) most = Math.max(most, z[at + k]!)
  return most
}

/** p[k] = e^z[k] / Σ_j e^z[j] */
function probabilities(z: FloatVector, at: number, outputs: number, p: FloatVector): void {
  const most = largest(z, at, outputs)
  let sum = 0
  for (let k = 0; k < outputs; k++) sum += exp(z[at + k]! - most)
  for (let k = 0; k < outputs; k++) p[at + k] = exp(z[at + k]! - most) / sum
}

/**
 * Softmax cross-entropy, the negative log-likelihood of class y among K.
 *
 *     loss = log Σ_k e^z[k] − z[y]     ∂loss/∂z[k] = p[k] − [k = y]     prediction = p
 *
 * with p[k] = e^z[k] / Σ_j e^z[j]. One score a class, K ≥ 1.
 * Source: J. S. Bridle, Probabilistic Interpretation of Feedforward Classification Network Outputs, 1990.
 */
export const softmax: LossFacts<never> = {
  targetKind: 'classes',
  kernel: { loss: 'lossSoftmax', predict: 'predictSoftmax' },
  metrics: 'classes',
  knownAs: { metric: 'logLoss', factor: 1 },
  outputs: (classes) => classes,
  settings: {},
}

export const softmaxEquations: CreateEquations<never> = () => ({
  setting: 0,
  unit: 1,
  value: (z, at, outputs, y) => {
    const most = largest(z, at, outputs)
    let sum = 0
    for (let k = 0; k < outputs; k++) sum += exp(z[at + k]! - most)
    return log(sum) - (z[at + y]! - most)
  },
  gradient: (z, at, outputs, y, dz) => {
    probabilities(z, at, outputs, dz)
    dz[at + y] = dz[at + y]! - 1
  },
  predict: probabilities,
})
