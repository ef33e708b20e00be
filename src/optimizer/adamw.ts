import { adam, type AdamSettings } from './adam.js'
import type { Optimizer, OptimizerFactory } from './optimizer.js'

/**
 * Adam whose weights decay by 1 % of the learning rate in every step where no other decay is asked for.
 *
 *     w ← (1 − lr·weightDecay)·w + Δw        Δw as adam's, weightDecay = 0.01
 *
 * The decay is not part of the gradient, so that the division by its root mean square leaves it alone.
 * Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019, algorithm 2; the default is
 * PyTorch's.
 */
export const adamw: OptimizerFactory<AdamSettings> = {
  defaults: adam.defaults,
  create: (settings): Optimizer => ({ ...adam.create(settings), name: 'adamw', defaultWeightDecay: 0.01 }),
}
