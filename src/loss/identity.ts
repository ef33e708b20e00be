import type { FloatVector } from '../step/rows.js'

/** prediction[k] = z[k] */
export function identity(z: FloatVector, at: number, outputs: number, prediction: FloatVector): void {
  for (let k = at; k < at + outputs; k++) prediction[k] = z[k]!
}
