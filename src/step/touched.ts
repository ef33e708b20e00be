import type { FloatVector } from './rows.js'

/** Entries of K words each that lie apart: those of the category indices that a step has met. */
export interface Entries {
  readonly indices: Uint32Array
  readonly count: number
  /** K */
  readonly outputs: number
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
