import type { Descent, Optimizer } from '../optimizer/optimizer.js'

/**
 * Step 4, descent: what the optimizer makes of the gradient.
 *
 *     change, state = optimizer(gradient, state, learning rate)
 *
 * for the parameters from … to − 1: once a step for the dense part, once for each category met in the step.
 */
export function descent(optimizer: Optimizer, step: Descent): void {
  optimizer.descent(step)
}
