import { identity } from './identity.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Squared error, not halved: its minimum is the mean of y.
 *
 *     loss = (z − y)²     ∂loss/∂z = 2(z − y)     prediction = z
 */
export const squared: LossFacts<never> = {
  targetKind: 'number',
  kernel: { loss: 'lossSquared', predict: 'predictIdentity' },
  metrics: 'number',
  outputs: () => 1,
  settings: {},
}

export const squaredEquations: CreateEquations<never> = (_settings, scale) => ({
  setting: 0,
  unit: scale * scale,
  value: (z, at, _outputs, y) => (z[at]! - y) * (z[at]! - y),
  gradient: (z, at, _outputs, y, dz) => {
    dz[at] = 2 * (z[at]! - y)
  },
  predict: identity,
})
