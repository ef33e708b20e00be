import { expOfMinusAbsolute4, log1pUnit4, sigmoid4, sigmoidFrom4 } from '../math'
import { addFourToTotals, addToTotals, gatherFour } from './rows'

/** max(z, 0) − z·y + log(1 + e^−|z|) in four lanes, with e = e^−|z|. */
// @ts-ignore: decorator
@inline
function logisticLoss4(z: v128, y: v128, e: v128): v128 {
  const hinge = f32x4.sub(f32x4.pmax(z, f32x4.splat(0.0)), f32x4.mul(z, y))
  return f32x4.add(hinge, log1pUnit4(e))
}

/**
 * Logistic loss for y in {0, 1}: max(z, 0) − z·y + log(1 + e^−|z|) = −log p(y), with dz = weight · (sigmoid(z) − y).
 * One output. Four rows at a time; the lanes of the last, shorter, group that have no row are never stored.
 */
export function lossLogistic(
  rows: usize,
  stride: usize,
  count: u32,
  labelWord: u32,
  weightWord: u32,
  outputs: u32,
  setting: f32,
  z: usize,
  dz: usize,
  totals: usize,
): void {
  let label = rows + (<usize>labelWord << 2)
  const weightOffset = (<usize>weightWord - <usize>labelWord) << 2
  let total = v128.load(totals)
  let left = count
  for (; left >= 4; left -= 4) {
    const y = gatherFour(label, stride)
    const weight = gatherFour(label + weightOffset, stride)
    const score = v128.load(z)
    const e = expOfMinusAbsolute4(score)
    v128.store(dz, f32x4.mul(weight, f32x4.sub(sigmoidFrom4(score, e), y)))
    total = addFourToTotals(total, logisticLoss4(score, y, e), weight)
    z += 16
    dz += 16
    label += 4 * stride
  }
  for (; left > 0; left -= 1) {
    const weight = load<f32>(label + weightOffset)
    const y = v128.load32_zero(label)
    const score = v128.load32_zero(z)
    const e = expOfMinusAbsolute4(score)
    store<f32>(dz, weight * f32x4.extract_lane(f32x4.sub(sigmoidFrom4(score, e), y), 0))
    total = addToTotals(total, f32x4.extract_lane(logisticLoss4(score, y, e), 0), weight)
    z += 4
    dz += 4
    label += stride
  }
  v128.store(totals, total)
}

/** prediction = sigmoid(z): the probability of class 1. */
export function predictLogistic(z: usize, count: u32, outputs: u32, prediction: usize): void {
  const end = z + (<usize>count << 2)
  for (; z + 16 <= end; z += 16, prediction += 16) v128.store(prediction, sigmoid4(v128.load(z)))
  for (; z < end; z += 4, prediction += 4) {
    store<f32>(prediction, f32x4.extract_lane(sigmoid4(v128.load32_zero(z)), 0))
  }
}
