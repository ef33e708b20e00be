import { linearParameters, type LinearShape } from '../model/linear.js'
import { categoryIndex, rowStart, type EncodedRows, type FloatVector } from './rows.js'

/** The category indices met in one step, in the order of their first row: the only entries of dv that are not 0. */
export interface TouchedCategories {
  /** One for every category index: the step in which it was last met. */
  readonly stamps: Uint32Array
  /** This step's stamp; it differs from that of every step before. */
  stamp: number
  readonly indices: Uint32Array
  count: number
}

/**
 * Step 3, backprop: the gradient with respect to the parameters, added row after row.
 *
 *     dw[k][d] += Σ_r dz[r][k]·x[r][d]     db[k] += Σ_r dz[r][k]     dv[index[r][c]][k] += Σ_r dz[r][k]
 *
 * `gradient` is laid out as the parameters are. Kernel twins: backpropLinear and backpropCategories.
 */
export function backprop(
  model: LinearShape,
  rows: EncodedRows,
  dz: FloatVector,
  gradient: FloatVector,
  touched?: TouchedCategories,
): void {
  backpropLinear(model, rows, dz, gradient)
  backpropCategories(model, rows, dz, gradient, touched)
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

/** The sparse part: dv, with the indices met for the first time in this step appended to `touched`. */
export function backpropCategories(
  model: LinearShape,
  rows: EncodedRows,
  dz: FloatVector,
  gradient: FloatVector,
  touched?: TouchedCategories,
): void {
  const { v: dv } = linearParameters(model, gradient)
  const { outputs, categories } = model
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < categories; c++) {
      const index = categoryIndex(rows, r, c)
      if (touched) touch(touched, index)
      for (let k = 0; k < outputs; k++) dv[index * outputs + k]! += dz[r * outputs + k]!
    }
  }
}

function touch(touched: TouchedCategories, index: number): void {
  if (touched.stamps[index] === touched.stamp) return
  touched.stamps[index] = touched.stamp
  touched.indices[touched.count++] = index
}
