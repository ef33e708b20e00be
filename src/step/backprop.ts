import { linearParameters, type LinearShape } from '../model/linear.js'
import { categoryFactor, categoryIndex, rowStart, type EncodedRows, type FloatVector } from './rows.js'

/**
 * Step 3, backprop: the gradient with respect to the parameters, added row after row.
 *
 *     dw[k][d] += Σ_r dz[r][k]·x[r][d]     db[k] += Σ_r dz[r][k]     dv[index[r][c]][k] += Σ_r f[r][c]·dz[r][k]
 *
 * f is 1, or the dense feature that scales the category. `gradient` is laid out as the parameters are. Kernel twins:
 * backpropLinear, backpropCategories and backpropScaled.
 */
export function backprop(
  model: LinearShape,
  rows: EncodedRows,
  dz: FloatVector,
  gradient: FloatVector,
): void {
  backpropLinear(model, rows, dz, gradient)
  backpropCategories(model, rows, dz, gradient)
}

/** The dense part: dw and db. */
export function backpropLinear(
  model: LinearShape,
  rows: EncodedRows,
  dz: FloatVector,
  gradient: FloatVector,
): void {
  const { w: dw, bias: db } = linearParameters(model, gradient)
  const { outputs, dense, denseWords } = model
  for (let r = 0; r < rows.count; r++) {
    const x = rowStart(rows, r)
    for (let k = 0; k < outputs; k++) {
      const slope = dz[r * outputs + k]!
      for (let d = 0; d < dense; d++) dw[k * denseWords + d]! += slope * rows.words[x + d]!
      db[k]! += slope
    }
  }
}

/** The sparse part: dv. Its packed form is backpropTouched (touched.ts). */
export function backpropCategories(
  model: LinearShape,
  rows: EncodedRows,
  dz: FloatVector,
  gradient: FloatVector,
): void {
  const { v: dv } = linearParameters(model, gradient)
  const { outputs, categories } = model
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < categories; c++) {
      const index = categoryIndex(rows, r, c)
      const factor = categoryFactor(rows, r, c)
      for (let k = 0; k < outputs; k++) dv[index * outputs + k]! += factor * dz[r * outputs + k]!
    }
  }
}
