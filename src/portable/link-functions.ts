import type { LossKernelNames } from '../loss/index.js'
import { exp, sigmoid } from './float32.js'
import { joined } from './linear-scores.js'

const f32 = Math.fround

/**
 * What the scores z of a row predict, in f32, by the name of the kernel function (workers/kernel/loss) whose bits it gives:
 * a number, the probability of the second class, or the probability of each class.
 */
export const linkFunctions: Readonly<Record<LossKernelNames['predict'], (z: Float32Array) => Float32Array>> =
  {
    predictIdentity: (z) => z,
    predictLogistic: (z) => z.map(sigmoid),
    predictMean: (z) => z.map((score) => exp(Math.max(Math.min(score, 30), -30))),
    predictSoftmax: softmax,
  }

/** e^(z[k] − max z) / Σ_j e^(z[j] − max z), summed in four lanes. */
function softmax(z: Float32Array): Float32Array {
  const highest = z.reduce((most, score) => Math.max(most, score), -Infinity)
  const powers = z.map((score) => exp(f32(score - highest)))
  const lanes = new Float32Array(4)
  powers.forEach((power, k) => (lanes[k & 3] = lanes[k & 3]! + power))
  const sum = joined(lanes)
  return powers.map((power) => power / sum)
}
