import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'
import { decayFactor } from './setting.js'

export interface MomentumSettings {
  /** μ in [0, 1): the share of the velocity that is kept. */
  momentum: number
}

/**
 * Gradient descent with a heavy ball.
 *
 *     v ← μ·v + g
 *     Δw = −lr · v
 *
 * A constant gradient is amplified by 1 / (1 − μ), so the learning rate is to be that much lower than for sgd.
 * Source: B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, in the form of
 * I. Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, with the
 * learning rate outside the velocity.
 */
export const momentum: OptimizerFactory<MomentumSettings> = {
  defaults: { momentum: 0.9 },
  create(settings): Optimizer {
    const kept = decayFactor('momentum', 'momentum', settings.momentum)
    return {
      name: 'momentum',
      state: [{ name: 'velocity', initial: 0 }],
      defaultLearningRate: 0.003,
      descent({ gradient, state, change, from, to, learningRate }: Descent): void {
        const velocity = state[0]!
        for (let i = from; i < to; i++) {
          const v = kept * velocity[i]! + gradient[i]!
          velocity[i] = v
          change[i] = -learningRate * v
        }
      },
      preconditioner: () => 1 / (1 - kept),
    }
  },
}
