import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'

/**
 * Stochastic gradient descent.
 *
 *     Δw = −lr · g
 *
 * Source: H. Robbins, S. Monro, "A stochastic approximation method", 1951.
 */
export const sgd: OptimizerFactory<object> = {
  defaults: {},
  create(): Optimizer {
    return { name: 'sgd', state: [], defaultLearningRate: 0.03, descent, preconditioner: () => 1 }
  },
}

function descent({ gradient, change, from, to, learningRate }: Descent): void {
  for (let i = from; i < to; i++) change[i] = -learningRate * gradient[i]!
}
