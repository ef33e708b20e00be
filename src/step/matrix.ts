import type { FloatVector } from './rows.js'

/** A row-major matrix inside a vector: row r starts at word `first` + r · `step`. Nothing is copied. */
export interface Matrix {
  readonly words: FloatVector
  readonly first: number
  readonly step: number
}

/**
 * A dense layer forward: z = x·W + bias, for `rows` rows.
 *
 *     z[r][j] = bias[j] + Σ_k x[r][k]·w[k][j]
 *
 * x is rows × inputs, w is inputs × outputs. Kernel twin: matrixForward.
 */
export function matrixForward(
  x: Matrix,
  w: Matrix,
  bias: FloatVector,
  z: Matrix,
  rows: number,
  inputs: number,
  outputs: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < outputs; j++) {
      let sum = bias[j]!
      for (let k = 0; k < inputs; k++) sum += at(x, r, k) * at(w, k, j)
      z.words[z.first + r * z.step + j] = sum
    }
  }
}

/**
 * The gradient with respect to a layer's inputs: dx = dz·Wᵀ.
 *
 *     dx[r][k] = Σ_j dz[r][j]·w[k][j]
 *
 * Kernel twin: matrixBackpropInput.
 */
export function matrixBackpropInput(
  dz: Matrix,
  w: Matrix,
  dx: Matrix,
  rows: number,
  inputs: number,
  outputs: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0
      for (let j = 0; j < outputs; j++) sum += at(dz, r, j) * at(w, k, j)
      dx.words[dx.first + r * dx.step + k] = sum
    }
  }
}

/**
 * The gradient with respect to a layer's weights, added row after row.
 *
 *     dw[k][j] += Σ_r x[r][k]·dz[r][j]     db[j] += Σ_r dz[r][j]
 *
 * Kernel twin: matrixBackpropWeights.
 */
export function matrixBackpropWeights(
  x: Matrix,
  dz: Matrix,
  dw: Matrix,
  db: FloatVector,
  rows: number,
  inputs: number,
  outputs: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < outputs; j++) db[j]! += at(dz, r, j)
    for (let k = 0; k < inputs; k++) {
      const row = dw.first + k * dw.step
      for (let j = 0; j < outputs; j++) dw.words[row + j]! += at(x, r, k) * at(dz, r, j)
    }
  }
}

function at(matrix: Matrix, row: number, column: number): number {
  return matrix.words[matrix.first + row * matrix.step + column]!
}
