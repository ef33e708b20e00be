import type { Descent, Optimizer } from '../optimizer/optimizer.js'
import { addL2, decayAndShrink } from '../optimizer/penalties.js'

/**
 * Step 4, descent: what the optimizer and the penalties make of the gradient.
 *
 *     gradient ← gradient + l2·w
 *     change, state = optimizer(gradient, state, learning rate)
 *     change ← change, with weight decay and the proximal step of l1
 *
 * for the parameters from … to − 1: once a step for each part of the dense block, once for the categories met in it.
 * The gradient is not needed afterwards.
 */
export function descent(optimizer: Optimizer, step: Descent): void {
  const { l1, l2, weightDecay } = step.penalties
  const apart = optimizer.appliesPenalties !== true
  if (apart && l2 > 0) addL2(step)
  optimizer.descent(step)
  if (apart && (l1 > 0 || weightDecay > 0)) decayAndShrink(optimizer, step)
}
