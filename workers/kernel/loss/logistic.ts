import { expOfMinusAbsolute4, log1pUnit4, sigmoid4, sigmoidFrom4 } from '../math'
import { lossOfRows } from './rows'

/** max(z, 0) − z·y + log(1 + e^−|z|) = −log p(y), for y in {0, 1}. */
@unmanaged
class Logistic {
  // @ts-ignore: decorator
  @inline
  loss4(z: v128, y: v128, _setting: v128): v128 {
    const hinge = f32x4.sub(f32x4.pmax(z, f32x4.splat(0.0)), f32x4.mul(z, y))
    return f32x4.add(hinge, log1pUnit4(expOfMinusAbsolute4(z)))
  }

  /** sigmoid(z) − y */
  // @ts-ignore: decorator
  @inline
  gradient4(z: v128, y: v128, _setting: v128): v128 {
    return f32x4.sub(sigmoidFrom4(z, expOfMinusAbsolute4(z)), y)
  }
}

/** Logistic, row by row. One output. */
export function lossLogistic(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  lossOfRows<Logistic>(rows, stride, count, labelWord, weightWord, setting, z, dz, totals)
}

/** prediction = sigmoid(z): the probability of class 1. */
export function predictLogistic(z: usize, count: u32, outputs: u32, prediction: usize): void {
  const end = z + (<usize>count << 2)
  for (; z + 16 <= end; z += 16, prediction += 16) v128.store(prediction, sigmoid4(v128.load(z)))
  for (; z < end; z += 4, prediction += 4) {
    store<f32>(prediction, f32x4.extract_lane(sigmoid4(v128.load32_zero(z)), 0))
  }
}
