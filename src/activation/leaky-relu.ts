import type { Activation } from './activation.js'

/** The slope below 0, as PyTorch has it. */
const LEAK = 0.01

/**
 * Rectified linear unit that lets a little through.
 *
 *     f(z) = z for z ≥ 0, 0.01z below     f'(z) = 1 for z > 0, else 0.01
 *
 * Source: A. L. Maas, A. Y. Hannun, A. Y. Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
 */
export const leakyRelu: Activation = {
  value: (z) => (z < 0 ? LEAK * z : z),
  slope: (z) => (z > 0 ? 1 : LEAK),
  kernel: { forward: 'activateLeakyRelu', gradient: 'activateLeakyReluGradient' },
}
