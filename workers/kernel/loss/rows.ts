/**
 * Losses: z, y → loss and dz = weight · ∂loss/∂z, and z → prediction. A loss is not averaged here.
 *
 * totals[0] += weight·loss and totals[1] += weight in f64, row after row, so that two calls on the parts of a run
 * leave the same bits as one call on the whole.
 */

/** Adds [weight · loss, weight] of one row to the pair of totals. */
// @ts-ignore: decorator
@inline
export function addToTotals(totals: v128, loss: f32, weight: f32): v128 {
  const weights = f64x2.splat(<f64>weight)
  return f64x2.add(totals, f64x2.mul(weights, f64x2.replace_lane(f64x2.splat(1.0), 0, <f64>loss)))
}

/** Adds four rows to the pair of totals, one after the other. */
// @ts-ignore: decorator
@inline
export function addFourToTotals(totals: v128, loss: v128, weight: v128): v128 {
  const weight01 = f64x2.promote_low_f32x4(weight)
  const weight23 = f64x2.promote_low_f32x4(v128.shuffle<f64>(weight, weight, 1, 1))
  const loss01 = f64x2.mul(weight01, f64x2.promote_low_f32x4(loss))
  const loss23 = f64x2.mul(weight23, f64x2.promote_low_f32x4(v128.shuffle<f64>(loss, loss, 1, 1)))
  totals = f64x2.add(totals, v128.shuffle<f64>(loss01, weight01, 0, 2))
  totals = f64x2.add(totals, v128.shuffle<f64>(loss01, weight01, 1, 3))
  totals = f64x2.add(totals, v128.shuffle<f64>(loss23, weight23, 0, 2))
  return f64x2.add(totals, v128.shuffle<f64>(loss23, weight23, 1, 3))
}

/** The word at `address` of four rows. */
// @ts-ignore: decorator
@inline
export function gatherFour(address: usize, stride: usize): v128 {
  let lanes = v128.load32_zero(address)
  lanes = v128.load_lane<u32>(address + stride, lanes, 1)
  lanes = v128.load_lane<u32>(address + 2 * stride, lanes, 2)
  return v128.load_lane<u32>(address + 3 * stride, lanes, 3)
}

/**
 * Computes a loss of one output for every row, four at a time. `Equations` is a class without state and without subclasses
 * that has the methods loss4(z, y, setting) and gradient4(z, y, setting), in four lanes; it is never made, and its
 * methods are inlined: what both compute is computed once. The lanes of the last, shorter, group that have no row are never stored.
 */
// @ts-ignore: decorator
@inline
export function lossOfRows<Equations>(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, setting: f32, z: usize, dz: usize,
  totals: usize,
): void {
  const equations = changetype<Equations>(0)
  const settings = f32x4.splat(setting)
  let label = rows + (<usize>labelWord << 2)
  const weightOffset = (<usize>weightWord - <usize>labelWord) << 2
  let total = v128.load(totals)
  let left = count
  for (; left >= 4; left -= 4) {
    const y = gatherFour(label, stride)
    const weight = gatherFour(label + weightOffset, stride)
    const score = v128.load(z)
    v128.store(dz, f32x4.mul(weight, equations.gradient4(score, y, settings)))
    total = addFourToTotals(total, equations.loss4(score, y, settings), weight)
    z += 16
    dz += 16
    label += 4 * stride
  }
  for (; left > 0; left -= 1) {
    const weight = load<f32>(label + weightOffset)
    const y = v128.load32_zero(label)
    const score = v128.load32_zero(z)
    store<f32>(dz, weight * f32x4.extract_lane(equations.gradient4(score, y, settings), 0))
    total = addToTotals(total, f32x4.extract_lane(equations.loss4(score, y, settings), 0), weight)
    z += 4
    dz += 4
    label += stride
  }
  v128.store(totals, total)
}
