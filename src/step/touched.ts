import { categoryFactor, categoryIndex, type EncodedRows, type FloatVector } from './rows.js'

/** Entries of K words each that lie apart: those of the category indices that a step has met. */
export interface Entries {
  readonly indices: Uint32Array
  readonly count: number
  /** K */
  readonly outputs: number
}

/** The category indices met in one step, in the order in which they were met: each has the place of its entry. */
export interface Touched {
  readonly indices: Uint32Array
  /** The place of every index that has been met in this step. */
  readonly places: Map<number, number>
  count: number
}

/**
 * packed[place(index[r][c])][k] += f[r][c]·dz[r][k], row after row, for K outputs: dv of the indices met, one after the
 * other; f as in backprop. Kernel twins: backpropTouched, then backpropTouchedScaled for each slot that is scaled.
 */
export function backpropTouched(
  outputs: number,
  rows: EncodedRows,
  dz: FloatVector,
  packed: FloatVector,
  touched: Touched,
): void {
  const { indices, places } = touched
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < rows.layout.categories; c++) {
      const index = categoryIndex(rows, r, c)
      if (!places.has(index)) {
        packed.fill(0, touched.count * outputs, (touched.count + 1) * outputs)
        indices[touched.count] = index
        places.set(index, touched.count++)
      }
      const entry = places.get(index)! * outputs
      const factor = categoryFactor(rows, r, c)
      for (let k = 0; k < outputs; k++) packed[entry + k]! += factor * dz[r * outputs + k]!
    }
  }
}

/** to[i][k] = from[indices[i]][k]. Kernel twin: gather. */
export function gather(from: FloatVector, { indices, count, outputs }: Entries, to: FloatVector): void {
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < outputs; k++) to[i * outputs + k] = from[indices[i]! * outputs + k]!
  }
}

/** to[indices[i]][k] = from[i][k]. Kernel twin: scatter. */
export function scatter(from: FloatVector, { indices, count, outputs }: Entries, to: FloatVector): void {
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < outputs; k++) to[indices[i]! * outputs + k] = from[i * outputs + k]!
  }
}

/** to[indices[i]][k] += from[i][k]. Kernel twin: scatterAdd. */
export function scatterAdd(from: FloatVector, { indices, count, outputs }: Entries, to: FloatVector): void {
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < outputs; k++) to[indices[i]! * outputs + k]! += from[i * outputs + k]!
  }
}
