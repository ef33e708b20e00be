import { identity } from './identity.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Squared hinge loss: as the hinge loss, without its kink, and harder on rows far from their side. y is 0 or 1.
 *
 *     m = (2y − 1)·z     h = max(0, 1 − m)     loss = h²     ∂loss/∂z = −2·(2y − 1)·h
 *
 * z > 0 predicts class 1; z is a score, not a probability.
 * Source: Y.-J. Lee, O. L. Mangasarian, "SSVM: A Smooth Support Vector Machine for Classification", 2001.
 */
export const squaredHinge: LossFacts<never> = {
  targetKind: 'binary',
  kernel: { loss: 'lossSquaredHinge', predict: 'predictIdentity' },
  metrics: 'score',
  outputs: () => 1,
  settings: {},
}

export const squaredHingeEquations: CreateEquations<never> = () => ({
  setting: 0,
  unit: 1,
  value: (z, at, _outputs, y) => Math.max(0, 1 - (2 * y - 1) * z[at]!) ** 2,
  gradient: (z, at, _outputs, y, dz) => {
    const side = 2 * y - 1
    dz[at] = -2 * side * Math.max(0, 1 - side * z[at]!)
  },
  predict: identity,
})
