import { identity } from './identity.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Huber's loss: squared error for small errors, growing only linearly beyond ±δ, so that outliers pull with a bounded
 * force. Not halved, so that it is the squared error as δ → ∞ (twice Huber's own, and that of scikit-learn and PyTorch).
 *
 *     e = z − y     loss = e² where |e| ≤ δ, else 2δ|e| − δ²     ∂loss/∂z = 2·min(max(e, −δ), δ)     prediction = z
 *
 * δ > 0 is in the units of the target; its default is one standard deviation of the target. For y in units of `scale`
 * it is δ / scale, and the loss is in units of scale².
 * Source: P. J. Huber, "Robust Estimation of a Location Parameter", 1964.
 */
export const huber: LossFacts<'huberDelta'> = {
  targetKind: 'number',
  kernel: { loss: 'lossHuber', predict: 'predictIdentity' },
  metrics: 'number',
  outputs: () => 1,
  settings: {
    huberDelta: {
      expected: 'a finite number above 0',
      holds: (delta) => delta > 0 && delta < Infinity,
      byDefault: (scale) => scale,
    },
  },
}

export const huberEquations: CreateEquations<'huberDelta'> = ({ huberDelta }, scale) => {
  const delta = huberDelta / scale
  return {
    setting: delta,
    unit: scale * scale,
    value: (z, at, _outputs, y) => {
      const size = Math.abs(z[at]! - y)
      const quadratic = Math.min(size, delta)
      return quadratic * (2 * size - quadratic)
    },
    gradient: (z, at, _outputs, y, dz) => {
      dz[at] = 2 * Math.min(Math.max(z[at]! - y, -delta), delta)
    },
    predict: identity,
  }
}
