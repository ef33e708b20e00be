import { integerPower } from '../numeric/integer-power.js'
import type { Descent, Optimizer, OptimizerFactory } from './optimizer.js'
import { decayFactor, positive } from './setting.js'

export interface AdamSettings {
  /** β₁ in [0, 1): decay of the mean of the gradients. */
  beta1: number
  /** β₂ in [0, 1): decay of the mean of their squares. */
  beta2: number
  /** ε > 0, added to the root of the corrected mean square. */
  epsilon: number
}

/**
 * Gradient descent by the ratio of a gradient's running mean to its running root mean square.
 *
 *     m ← β₁·m + (1 − β₁)·g
 *     v ← β₂·v + (1 − β₂)·g²
 *     Δw = −lr · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
 *
 * t is the step of the run, also for a weight that is touched more rarely, as in PyTorch's SparseAdam. g² must stay
 * within f32: |g| < 1.8e19.
 * Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.
 */
export const adam: OptimizerFactory<AdamSettings> = {
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  create(settings): Optimizer {
    const beta1 = decayFactor('adam', 'beta1', settings.beta1)
    const beta2 = decayFactor('adam', 'beta2', settings.beta2)
    const epsilon = positive('adam', 'epsilon', settings.epsilon)
    // The corrections are a function of the step alone; they are remembered because categories make many calls a step.
    let correctedStep = 0
    let correction1 = 1
    /** 1 / √(1 − β₂ᵗ): a quotient less for each weight than as the formula has it. */
    let rootCorrection2 = 1
    const correct = (step: number): void => {
      if (step === correctedStep) return
      correctedStep = step
      correction1 = 1 - integerPower(beta1, step)
      rootCorrection2 = 1 / Math.sqrt(1 - integerPower(beta2, step))
    }
    return {
      name: 'adam',
      state: [
        { name: 'mean', initial: 0 },
        { name: 'meanSquare', initial: 0 },
      ],
      defaultLearningRate: 0.001,
      descent({ gradient, state, change, from, to, learningRate, step }: Descent): void {
        correct(step)
        const rate = learningRate / correction1
        const correction = rootCorrection2
        const mean = state[0]!
        const meanSquare = state[1]!
        for (let i = from; i < to; i++) {
          const g = gradient[i]!
          const m = beta1 * mean[i]! + (1 - beta1) * g
          const v = beta2 * meanSquare[i]! + (1 - beta2) * g * g
          mean[i] = m
          meanSquare[i] = v
          change[i] = (-rate * m) / (Math.sqrt(v) * correction + epsilon)
        }
      },
      preconditioner(state, i, step): number {
        correct(step)
        return 1 / (Math.sqrt(state[1]![i]!) * rootCorrection2 + epsilon)
      },
    }
  },
}
