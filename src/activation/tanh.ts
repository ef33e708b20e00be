import { tanh as hyperbolicTangent } from '../numeric/tanh.js'
import type { Activation } from './activation.js'

/**
 * Hyperbolic tangent.
 *
 *     f(z) = tanh z     f'(z) = 1 − a² = (1 − a)(1 + a)
 */
export const tanh: Activation = {
  value: hyperbolicTangent,
  slope: (_z, a) => (1 - a) * (1 + a),
  kernel: { forward: 'activateTanh', gradient: 'activateTanhGradient' },
}
