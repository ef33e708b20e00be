import type { LossFactory } from './loss.js'

/**
 * Squared error, not halved: its minimum is the mean of y.
 *
 *     loss = (z − y)²     ∂loss/∂z = 2(z − y)     prediction = z
 */
export const squared: LossFactory = {
  targetKind: 'number',
  kernel: { loss: 'lossSquared', predict: 'predictSquared' },
  outputs: () => 1,
  defaults: () => ({}),
  create: (_settings, scale) => ({
    setting: 0,
    unit: scale * scale,
    value: (z, at, _outputs, y) => (z[at]! - y) * (z[at]! - y),
    gradient: (z, at, _outputs, y, dz) => {
      dz[at] = 2 * (z[at]! - y)
    },
    predict: (z, at, _outputs, prediction) => {
      prediction[at] = z[at]!
    },
  }),
}
