import { exp4, log4 } from '../math'
import { addFourToTotals, addToTotals } from './rows'

/** The lanes at `address` that lie before `end`; −∞, whose exponential is 0, in the others. */
// @ts-ignore: decorator
@inline
function loadScores(address: usize, end: usize): v128 {
  if (address + 16 <= end) return v128.load(address)
  let scores = f32x4.splat(-Infinity)
  scores = v128.load_lane<u32>(address, scores, 0)
  if (address + 4 < end) scores = v128.load_lane<u32>(address + 4, scores, 1)
  if (address + 8 < end) scores = v128.load_lane<u32>(address + 8, scores, 2)
  return scores
}

/** Stores the lanes that lie before `end`. */
// @ts-ignore: decorator
@inline
function storeLanes(address: usize, end: usize, lanes: v128): void {
  if (address + 16 <= end) {
    v128.store(address, lanes)
    return
  }
  v128.store_lane<u32>(address, lanes, 0)
  if (address + 4 < end) v128.store_lane<u32>(address + 4, lanes, 1)
  if (address + 8 < end) v128.store_lane<u32>(address + 8, lanes, 2)
}

/** max_k z[k] in every lane, the number that keeps every exponential at or below 1. */
// @ts-ignore: decorator
@inline
function largest(z: usize, end: usize): v128 {
  let most = loadScores(z, end)
  for (let k = z + 16; k < end; k += 16) most = f32x4.pmax(most, loadScores(k, end))
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1))
  return f32x4.pmax(most, v128.shuffle<f32>(most, most, 1, 0, 3, 2))
}

/** out[k] = e^(z[k] − highest); returns their sum: four partial sums, then (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
function exponentials(z: usize, end: usize, highest: v128, out: usize): f32 {
  const outEnd = out + (end - z)
  let sum = f32x4.splat(0.0)
  for (; z < end; z += 16, out += 16) {
    const e = exp4(f32x4.sub(loadScores(z, end), highest))
    storeLanes(out, outEnd, e)
    sum = f32x4.add(sum, e)
  }
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 2) +
    (f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3))
  )
}

/** p[k] = p[k] / sum · weight */
// @ts-ignore: decorator
@inline
function normalise(p: usize, end: usize, sum: f32, weight: f32): void {
  const divisor = f32x4.splat(sum)
  const weights = f32x4.splat(weight)
  for (; p < end; p += 16) storeLanes(p, end, f32x4.mul(f32x4.div(loadScores(p, end), divisor), weights))
}

/** Moves the lanes down by one and puts a number into the last. */
// @ts-ignore: decorator
@inline
function push(lanes: v128, last: f32): v128 {
  return v128.shuffle<f32>(lanes, f32x4.splat(last), 1, 2, 3, 4)
}

/**
 * Softmax cross-entropy for a class index y: log Σ_k e^z[k] − z[y], with dz[k] = weight · (p[k] − [k = y]).
 * The largest z is subtracted first, so that nothing overflows. Any number of outputs.
 */
export function lossSoftmax(
  rows: usize, stride: usize, count: u32, labelWord: u32, weightWord: u32, outputs: u32, setting: f32,
  z: usize, dz: usize, totals: usize,
): void {
  let label = rows + (<usize>labelWord << 2)
  const weightOffset = (<usize>weightWord - <usize>labelWord) << 2
  const bytes = <usize>outputs << 2
  let total = v128.load(totals)
  // The last four rows: the logarithm costs as much for one of them as for all.
  let sums = f32x4.splat(1.0)
  let margins = f32x4.splat(0.0)
  let weights = f32x4.splat(0.0)
  for (let row: u32 = 1; row <= count; ++row) {
    const weight = load<f32>(label + weightOffset)
    const target = <usize>(<u32>load<f32>(label)) << 2
    const highest = largest(z, z + bytes)
    const sum = exponentials(z, z + bytes, highest, dz)
    const slope = weight * (load<f32>(dz + target) / sum - 1.0)
    normalise(dz, dz + bytes, sum, weight)
    store<f32>(dz + target, slope)
    sums = push(sums, sum)
    margins = push(margins, load<f32>(z + target) - f32x4.extract_lane(highest, 0))
    weights = push(weights, weight)
    if ((row & 3) == 0) total = addFourToTotals(total, f32x4.sub(log4(sums), margins), weights)
    z += bytes
    dz += bytes
    label += stride
  }
  const left = count & 3
  if (left > 0) {
    const losses = f32x4.sub(log4(sums), margins)
    if (left > 2) total = addToTotals(total, f32x4.extract_lane(losses, 1), f32x4.extract_lane(weights, 1))
    if (left > 1) total = addToTotals(total, f32x4.extract_lane(losses, 2), f32x4.extract_lane(weights, 2))
    total = addToTotals(total, f32x4.extract_lane(losses, 3), f32x4.extract_lane(weights, 3))
  }
  v128.store(totals, total)
}

/** prediction[k] = e^z[k] / Σ_j e^z[j]: the probability of each class. */
export function predictSoftmax(z: usize, count: u32, outputs: u32, prediction: usize): void {
  const bytes = <usize>outputs << 2
  const end = z + count * bytes
  for (; z < end; z += bytes, prediction += bytes) {
    const sum = exponentials(z, z + bytes, largest(z, z + bytes), prediction)
    normalise(prediction, prediction + bytes, sum, 1.0)
  }
}
