/**
 * Layer norm: each row of scores is brought to mean 0 and variance 1, then scaled and shifted unit by unit.
 *
 * Sums over a row are four partial sums (lanes), lane l over the units that leave l when divided by four, joined as
 * (0 + 2) + (1 + 3). Gradients of gain and shift are added to memory row after row. So no bit depends on how rows are cut
 * into calls. Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016.
 */
import { joinLanes, loadLanes, storeLanes } from './lanes'

/** Added to the variance, as in PyTorch. */
const EPSILON: f32 = 1e-5

function meanOf(row: usize, units: u32): f32 {
  const whole = <usize>(units & ~3) << 2
  const rest = units & 3
  let sum = f32x4.splat(0.0)
  for (let at: usize = 0; at < whole; at += 16) sum = f32x4.add(sum, v128.load(row + at))
  if (rest > 0) sum = f32x4.add(sum, loadLanes(row + whole, rest))
  return joinLanes(sum) / <f32>units
}

/** Mean of the squared distances from the mean: no cancellation, where mean of squares − square of mean has it. */
function varianceOf(row: usize, units: u32, mean: f32): f32 {
  const whole = <usize>(units & ~3) << 2
  const rest = units & 3
  const means = f32x4.splat(mean)
  let sum = f32x4.splat(0.0)
  for (let at: usize = 0; at < whole; at += 16) {
    const distance = f32x4.sub(v128.load(row + at), means)
    sum = f32x4.add(sum, f32x4.mul(distance, distance))
  }
  for (let j: u32 = 0; j < rest; j++) {
    // One lane at a time, so that the lanes beyond the row stay 0.
    const distance = load<f32>(row + whole + (<usize>j << 2)) - mean
    const square = distance * distance
    if (j == 0) sum = f32x4.replace_lane(sum, 0, f32x4.extract_lane(sum, 0) + square)
    else if (j == 1) sum = f32x4.replace_lane(sum, 1, f32x4.extract_lane(sum, 1) + square)
    else sum = f32x4.replace_lane(sum, 2, f32x4.extract_lane(sum, 2) + square)
  }
  return joinLanes(sum) / <f32>units
}

/** y = (z − mean) / √(variance + ε)·gain + shift; statistics[r] = mean and 1 / √(variance + ε), two f32. */
export function layerNormForward(
  z: usize, ldz: u32, gain: usize, shift: usize, y: usize, ldy: u32, statistics: usize, rows: u32, units: u32,
): void {
  const whole = <usize>(units & ~3) << 2
  const rest = units & 3
  for (let r: u32 = 0; r < rows; r++) {
    const mean = meanOf(z, units)
    const inverse: f32 = <f32>1.0 / sqrt<f32>(varianceOf(z, units, mean) + EPSILON)
    store<f32>(statistics, mean)
    store<f32>(statistics, inverse, 4)
    const means = f32x4.splat(mean)
    const inverses = f32x4.splat(inverse)
    for (let at: usize = 0; at < whole; at += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(z + at), means), inverses)
      v128.store(y + at, f32x4.add(f32x4.mul(unit, v128.load(gain + at)), v128.load(shift + at)))
    }
    if (rest > 0) {
      const unit = f32x4.mul(f32x4.sub(loadLanes(z + whole, rest), means), inverses)
      const scaled = f32x4.mul(unit, loadLanes(gain + whole, rest))
      storeLanes(y + whole, f32x4.add(scaled, loadLanes(shift + whole, rest)), rest)
    }
    z += <usize>ldz << 2
    y += <usize>ldy << 2
    statistics += 8
  }
}

/**
 * With g = dy·gain and x̂ = (z − mean) / √(variance + ε):
 *
 *     dz = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + ε)
 *     dgain += Σ_r dy·x̂     dshift += Σ_r dy
 */
export function layerNormBackprop(
  z: usize, ldz: u32, gain: usize, dy: usize, lddy: u32, dz: usize, lddz: u32, dgain: usize, dshift: usize,
  statistics: usize, rows: u32, units: u32,
): void {
  const whole = <usize>(units & ~3) << 2
  const rest = units & 3
  for (let r: u32 = 0; r < rows; r++) {
    const means = f32x4.splat(load<f32>(statistics))
    const inverses = f32x4.splat(load<f32>(statistics, 4))
    let sum = f32x4.splat(0.0)
    let sumOfProducts = f32x4.splat(0.0)
    for (let at: usize = 0; at < whole; at += 16) {
      const slope = v128.load(dy + at)
      const unit = f32x4.mul(f32x4.sub(v128.load(z + at), means), inverses)
      v128.store(dgain + at, f32x4.add(v128.load(dgain + at), f32x4.mul(slope, unit)))
      v128.store(dshift + at, f32x4.add(v128.load(dshift + at), slope))
      const g = f32x4.mul(slope, v128.load(gain + at))
      sum = f32x4.add(sum, g)
      sumOfProducts = f32x4.add(sumOfProducts, f32x4.mul(g, unit))
    }
    if (rest > 0) {
      const slope = loadLanes(dy + whole, rest)
      const unit = f32x4.mul(f32x4.sub(loadLanes(z + whole, rest), means), inverses)
      storeLanes(dgain + whole, f32x4.add(loadLanes(dgain + whole, rest), f32x4.mul(slope, unit)), rest)
      storeLanes(dshift + whole, f32x4.add(loadLanes(dshift + whole, rest), slope), rest)
      const g = f32x4.mul(slope, loadLanes(gain + whole, rest))
      sum = f32x4.add(sum, g)
      sumOfProducts = f32x4.add(sumOfProducts, f32x4.mul(g, unit))
    }
    const mean = f32x4.splat(joinLanes(sum) / <f32>units)
    const meanOfProducts = f32x4.splat(joinLanes(sumOfProducts) / <f32>units)
    for (let at: usize = 0; at < whole; at += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(z + at), means), inverses)
      const g = f32x4.mul(v128.load(dy + at), v128.load(gain + at))
      const rise = f32x4.sub(f32x4.sub(g, mean), f32x4.mul(unit, meanOfProducts))
      v128.store(dz + at, f32x4.mul(rise, inverses))
    }
    if (rest > 0) {
      const unit = f32x4.mul(f32x4.sub(loadLanes(z + whole, rest), means), inverses)
      const g = f32x4.mul(loadLanes(dy + whole, rest), loadLanes(gain + whole, rest))
      const rise = f32x4.sub(f32x4.sub(g, mean), f32x4.mul(unit, meanOfProducts))
      storeLanes(dz + whole, f32x4.mul(rise, inverses), rest)
    }
    z += <usize>ldz << 2
    dy += <usize>lddy << 2
    dz += <usize>lddz << 2
    statistics += 8
  }
}
