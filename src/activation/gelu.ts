import { exp } from '../numeric/exp.js'
import { normalDistribution } from '../numeric/normal-distribution.js'
import type { Activation } from './activation.js'

const DENSITY_AT_0 = 0.3989422804014327
/** Below it Φ(z), and z times it, are 0. */
const END = -40

/**
 * Gaussian error linear unit, in its exact form (PyTorch's default), Φ being the standard normal distribution.
 *
 *     f(z) = z·Φ(z)     f'(z) = Φ(z) + z·e^(−z²/2) / √(2π)
 *
 * Source: D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016.
 */
export const gelu: Activation = {
  value: (z) => Math.max(z, END) * normalDistribution(z),
  slope(z) {
    const within = Math.min(Math.max(z, END), -END)
    return normalDistribution(z) + within * DENSITY_AT_0 * exp((-within * within) / 2)
  },
  kernel: { forward: 'activateGelu', gradient: 'activateGeluGradient' },
}
