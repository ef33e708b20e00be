import type { Activation } from './activation.js'
import { sigmoid } from './sigmoid.js'

/** Below it e^z, and z times it, are 0. */
const END = -760

/**
 * Sigmoid-weighted linear unit, also called swish.
 *
 *     f(z) = z·s, s = 1 / (1 + e^−z)     f'(z) = s + a(1 − s)
 *
 * Source: S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network function approximation in
 * reinforcement learning", 2018.
 */
export const silu: Activation = {
  value: (z) => Math.max(z, END) * sigmoid.value(z),
  slope(z, a) {
    // 1 − s as sigmoid(−z), which loses nothing where s is almost 1.
    return sigmoid.value(z) + a * sigmoid.value(-z)
  },
  kernel: { forward: 'activateSilu', gradient: 'activateSiluGradient' },
}
