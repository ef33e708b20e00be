import type { MomentumSettings } from './momentum.js'
import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'
import { decayFactor } from './setting.js'

/**
 * Gradient descent with a heavy ball that looks ahead.
 *
 *     v ← μ·v + g
 *     Δw = −lr · (g + μ·v)
 *
 * The weights are those at the point looked ahead to, so that the gradient is taken there. Like momentum, it amplifies
 * a constant gradient by 1 / (1 − μ).
 * Source: Y. Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)", 1983, in the
 * form of Y. Bengio, N. Boulanger-Lewandowski, R. Pascanu, "Advances in optimizing recurrent networks", 2013,
 * section 3.5, with the learning rate outside the velocity.
 */
export const nesterov: OptimizerFactory<MomentumSettings> = {
  defaults: { momentum: 0.9 },
  create(settings): Optimizer {
    const kept = decayFactor('nesterov', 'momentum', settings.momentum)
    return {
      name: 'nesterov',
      state: [{ name: 'velocity', initial: 0 }],
      defaultLearningRate: 0.003,
      descent({ gradient, state, change, from, to, learningRate }: Descent): void {
        const velocity = state[0]!
        for (let i = from; i < to; i++) {
          const g = gradient[i]!
          const v = kept * velocity[i]! + g
          velocity[i] = v
          change[i] = -learningRate * (g + kept * v)
        }
      },
      preconditioner: () => 1 / (1 - kept),
    }
  },
}
