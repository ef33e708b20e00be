import type { Activation } from './activation.js'

/**
 * Rectified linear unit.
 *
 *     f(z) = max(0, z)     f'(z) = 1 for z > 0, else 0
 *
 * Source: V. Nair, G. E. Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
 */
export const relu: Activation = {
  value: (z) => (z < 0 ? 0 : z),
  slope: (z) => (z > 0 ? 1 : 0),
  kernel: { forward: 'activateRelu', gradient: 'activateReluGradient' },
}
