import { exp } from '../numeric/exp.js'
import type { Activation } from './activation.js'

/**
 * Logistic function.
 *
 *     f(z) = 1 / (1 + e^−z)     f'(z) = a(1 − a)
 */
export const sigmoid: Activation = {
  // e^−|z| never overflows, and small values keep their digits.
  value: (z) => (z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z))),
  slope: (_z, a) => a * (1 - a),
  kernel: { forward: 'activateSigmoid', gradient: 'activateSigmoidGradient' },
}
