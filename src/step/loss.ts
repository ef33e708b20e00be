import type { Loss } from '../loss/index.js'
import { labelOf, weightOf, type EncodedRows, type FloatVector } from './rows.js'

/** Words of the totals that step 2 adds to. */
export enum Total {
  /** Σ_r weight[r] · loss[r] */
  Loss = 0,
  /** Σ_r weight[r] */
  Weight = 1,
}

/**
 * Step 2, loss: the loss of every row and its gradient with respect to the scores.
 *
 *     totals[0] += Σ_r weight[r] · loss(z[r], y[r])     totals[1] += Σ_r weight[r]
 *     dz[r][k] = weight[r] · ∂loss/∂z[r][k]
 *
 * z and dz hold count × K numbers, row after row; the mean over the mini-batch is taken later, by average.
 * Kernel twins: lossSquared, lossLogistic, lossSoftmax.
 */
export function lossAndGradient(
  loss: Loss,
  outputs: number,
  rows: EncodedRows,
  z: FloatVector,
  dz: FloatVector,
  totals: Float64Array,
): void {
  for (let r = 0; r < rows.count; r++) {
    const at = r * outputs
    const y = labelOf(rows, r)
    const weight = weightOf(rows, r)
    totals[Total.Loss]! += weight * loss.value(z, at, outputs, y)
    totals[Total.Weight]! += weight
    loss.gradient(z, at, outputs, y, dz)
    for (let k = at; k < at + outputs; k++) dz[k]! *= weight
  }
}
