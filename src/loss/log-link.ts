import { exp } from '../numeric/exp.js'
import type { FloatVector } from '../step/rows.js'

/** e^±30 = 1e±13 times the mean of the target: no prediction means more, and its square is still far within f32. */
const LARGEST_SCORE = 30

/**
 * z, held between ±30, so that e^z can neither overflow nor vanish. A gradient with respect to a score outside is that at the
 * border: it still points back.
 */
export function heldScore(z: number): number {
  return Math.max(Math.min(z, LARGEST_SCORE), -LARGEST_SCORE)
}

/** prediction = e^z, the mean of y: the link is the logarithm. */
export function predictMean(z: FloatVector, at: number, outputs: number, prediction: FloatVector): void {
  for (let k = at; k < at + outputs; k++) prediction[k] = exp(heldScore(z[k]!))
}
