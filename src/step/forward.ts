import { linearParameters, type LinearShape } from '../model/linear.js'
import { categoryFactor, categoryIndex, rowStart, type EncodedRows, type FloatVector } from './rows.js'

/**
 * Step 1, forward: the scores of every row.
 *
 *     z[r][k] = bias[k] + Σ_d x[r][d]·w[k][d] + Σ_c f[r][c]·v[index[r][c]][k]
 *
 * f is 1, or the dense feature that scales the category. z holds count × K numbers, row after row. Kernel twins:
 * forwardLinear and forwardScaled.
 */
export function forward(
  model: LinearShape,
  parameters: FloatVector,
  rows: EncodedRows,
  z: FloatVector,
): void {
  const { w, bias, v } = linearParameters(model, parameters)
  const { outputs, dense, denseWords, categories } = model
  for (let r = 0; r < rows.count; r++) {
    const x = rowStart(rows, r)
    for (let k = 0; k < outputs; k++) {
      let score = bias[k]!
      for (let d = 0; d < dense; d++) score += rows.words[x + d]! * w[k * denseWords + d]!
      for (let c = 0; c < categories; c++) {
        score += categoryFactor(rows, r, c) * v[categoryIndex(rows, r, c) * outputs + k]!
      }
      z[r * outputs + k] = score
    }
  }
}
