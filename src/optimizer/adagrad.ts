import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'
import { notNegative, positive } from './setting.js'

export interface AdagradSettings {
  /** What the sum of squares starts from, ≥ 0: the larger, the smaller the first steps. */
  initialAccumulator: number
  /** ε > 0, keeps the quotient finite while no gradient has been seen. */
  epsilon: number
}

/**
 * Gradient descent with a rate of its own for every weight, which falls with the gradients that weight has seen.
 *
 *     s ← s + g²
 *     Δw = −lr · g / (√s + ε)
 *
 * With s = 0 at the start, the first change of a weight is lr whatever the size of its gradient. g² must stay within
 * f32: |g| < 1.8e19.
 * Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
 * optimization", 2011.
 */
export const adagrad: OptimizerFactory<AdagradSettings> = {
  defaults: { initialAccumulator: 0, epsilon: 1e-10 },
  create(settings): Optimizer {
    const initial = notNegative('adagrad', 'initialAccumulator', settings.initialAccumulator)
    const epsilon = positive('adagrad', 'epsilon', settings.epsilon)
    return {
      name: 'adagrad',
      state: [{ name: 'sumOfSquares', initial }],
      defaultLearningRate: 0.1,
      descent({ gradient, state, change, from, to, learningRate }: Descent): void {
        const sumOfSquares = state[0]!
        for (let i = from; i < to; i++) {
          const g = gradient[i]!
          const s = sumOfSquares[i]! + g * g
          sumOfSquares[i] = s
          change[i] = (-learningRate * g) / (Math.sqrt(s) + epsilon)
        }
      },
      preconditioner: (state, i) => 1 / (Math.sqrt(state[0]![i]!) + epsilon),
    }
  },
}
