import { identity } from './identity.js'
import type { CreateEquations, LossFacts } from './loss.js'

/**
 * Quantile loss, also called pinball loss: its minimum is the q-quantile of y. Half the absolute error at q = ½.
 *
 *     loss = q·(y − z) where y > z, else (1 − q)·(z − y)     ∂loss/∂z = −q where y > z, 1 − q where y < z, 0 where y = z
 *     prediction = z
 *
 * 0 < q < 1, by default ½.
 * Source: R. Koenker, G. Bassett, "Regression Quantiles", 1978.
 */
export const quantile: LossFacts<'quantile'> = {
  targetKind: 'number',
  kernel: { loss: 'lossQuantile', predict: 'predictIdentity' },
  metrics: 'quantile',
  knownAs: { metric: 'pinball', factor: 1 },
  outputs: () => 1,
  settings: {
    quantile: {
      expected: 'a number above 0 and below 1',
      holds: (q) => q > 0 && q < 1,
      byDefault: () => 0.5,
    },
  },
}

export const quantileEquations: CreateEquations<'quantile'> = ({ quantile: q }, scale) => ({
  setting: q,
  unit: scale,
  value: (z, at, _outputs, y) => Math.max(q * (y - z[at]!), (1 - q) * (z[at]! - y)),
  gradient: (z, at, _outputs, y, dz) => {
    const score = z[at]!
    dz[at] = score < y ? -q : score > y ? 1 - q : 0
  },
  predict: identity,
})
