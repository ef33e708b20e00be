import { identity } from './identity.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Hinge loss, that of the support vector machine: 0 for a row that is on its side of the margin. y is 0 or 1.
 *
 *     m = (2y − 1)·z     loss = max(0, 1 − m)     ∂loss/∂z = −(2y − 1) where m < 1, else 0
 *
 * z > 0 predicts class 1. It is a score, not a probability: the hinge loss does not estimate one.
 * Source: C. Cortes, V. Vapnik, "Support-Vector Networks", 1995.
 */
export const hinge: LossFacts<never> = {
  targetKind: 'binary',
  kernel: { loss: 'lossHinge', predict: 'predictIdentity' },
  metrics: 'score',
  outputs: () => 1,
  settings: {},
}

export const hingeEquations: CreateEquations<never> = () => ({
  setting: 0,
  unit: 1,
  value: (z, at, _outputs, y) => Math.max(0, 1 - (2 * y - 1) * z[at]!),
  gradient: (z, at, _outputs, y, dz) => {
    const side = 2 * y - 1
    dz[at] = side * z[at]! < 1 ? -side : 0
  },
  predict: identity,
})
