import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'
import { decayFactor, positive } from './setting.js'

export interface RmspropSettings {
  /** α in [0, 1): decay of the mean of the squared gradients. */
  decay: number
  /** ε > 0, added to the root of the mean square. */
  epsilon: number
}

/**
 * Gradient descent by the ratio of a gradient to its running root mean square.
 *
 *     v ← α·v + (1 − α)·g²
 *     Δw = −lr · g / (√v + ε)
 *
 * v starts at 0 and is not corrected for it: the first change of a weight is lr / √(1 − α), ten times lr by default. g²
 * must stay within f32: |g| < 1.8e19.
 * Source: T. Tieleman, G. Hinton, "Lecture 6.5: rmsprop", Coursera, 2012; the defaults are PyTorch's.
 */
export const rmsprop: OptimizerFactory<RmspropSettings> = {
  defaults: { decay: 0.99, epsilon: 1e-8 },
  create(settings): Optimizer {
    const decay = decayFactor('rmsprop', 'decay', settings.decay)
    const epsilon = positive('rmsprop', 'epsilon', settings.epsilon)
    return {
      name: 'rmsprop',
      state: [{ name: 'meanSquare', initial: 0 }],
      defaultLearningRate: 0.001,
      descent({ gradient, state, change, from, to, learningRate }: Descent): void {
        const meanSquare = state[0]!
        for (let i = from; i < to; i++) {
          const g = gradient[i]!
          const v = decay * meanSquare[i]! + (1 - decay) * g * g
          meanSquare[i] = v
          change[i] = (-learningRate * g) / (Math.sqrt(v) + epsilon)
        }
      },
      preconditioner: (state, i) => 1 / (Math.sqrt(state[0]![i]!) + epsilon),
    }
  },
}
