import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'
import { positive } from './setting.js'

export interface FtrlSettings {
  /** β > 0: the larger, the smaller the first steps. */
  beta: number
}

/**
 * FTRL-Proximal: the weights that would have been best for all gradients so far, near to where those were taken.
 *
 *     n ← n + g²
 *     σ = (β + √n) / lr − s        s ← s + σ        (s = β / lr before the first gradient)
 *     z ← z + g − σ·w
 *     w = 0                                      where |z| ≤ l1
 *     w = −(z − sign(z)·l1) / (s + l2)           elsewhere
 *
 * With l1 = l2 = 0 it is adagrad with β in the place of ε. l1 and l2 are those of the paper: they weigh against the sum
 * of all gradients, not against the mean, so that the same strength counts for less the longer a run is. The paper's rate is
 * constant; keeping s lets it follow a schedule without moving weights by itself. A weight that does not start at 0 (a
 * network's) starts from the z that gives it. g² must stay within f32: |g| < 1.8e19.
 * Source: H. B. McMahan et al., "Ad click prediction: a view from the trenches", 2013, algorithm 1.
 */
export const ftrl: OptimizerFactory<FtrlSettings> = {
  defaults: { beta: 1 },
  create(settings): Optimizer {
    const beta = positive('ftrl', 'beta', settings.beta)
    return {
      name: 'ftrl',
      state: [
        { name: 'sumOfSquares', initial: 0 },
        { name: 'adjustedSum', initial: 0 },
        { name: 'strength', initial: 0 },
      ],
      defaultLearningRate: 0.1,
      appliesPenalties: true,
      descent({ weights, gradient, state, change, from, to, learningRate, penalties }: Descent): void {
        const { l1, l2 } = penalties
        const [sumOfSquares, adjustedSum, strength] = state as [Float32Array, Float32Array, Float32Array]
        for (let i = from; i < to; i++) {
          const g = gradient[i]!
          const w = weights[i]!
          if (strength[i] === 0) {
            strength[i] = beta / learningRate
            adjustedSum[i] = -w * (strength[i]! + l2) - l1 * Math.sign(w)
          }
          const n = sumOfSquares[i]! + g * g
          const before = strength[i]!
          strength[i] = (beta + Math.sqrt(n)) / learningRate
          const z = adjustedSum[i]! + g - (strength[i]! - before) * w
          sumOfSquares[i] = n
          adjustedSum[i] = z
          const beyond = Math.max(0, Math.abs(z) - l1)
          change[i] = -(Math.sign(z) * beyond) / (strength[i]! + l2) - w
        }
      },
      preconditioner: (state, i) => 1 / (beta + Math.sqrt(state[0]![i]!)),
    }
  },
}
