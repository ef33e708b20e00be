/** The gradient of the inputs of a dense layer, in f32; matrices as in matrix.ts. */
import { joinLanes, joinLanes4, loadLanes, multiplyAdd } from './lanes'

/** Rows whose slopes meet all weights before the next rows do: a multiple of 4. */
const SLOPE_ROWS: u32 = 64

/** Four rows by two inputs of dx, or one by one. */
// @ts-ignore: decorator
@inline
function inputTile4x2(dz: usize, dzStep: usize, w: usize, wStep: usize, outputs: u32, dx: usize, dxStep: usize): void {
  let sum00 = f32x4.splat(0.0)
  let sum10 = sum00
  let sum20 = sum00
  let sum30 = sum00
  let sum01 = sum00
  let sum11 = sum00
  let sum21 = sum00
  let sum31 = sum00
  const dz1 = dz + dzStep
  const dz2 = dz1 + dzStep
  const dz3 = dz2 + dzStep
  const w1 = w + wStep
  let at: usize = 0
  const whole = <usize>(outputs & ~3) << 2
  for (; at < whole; at += 16) {
    const weights0 = v128.load(w + at)
    const weights1 = v128.load(w1 + at)
    const slopes0 = v128.load(dz + at)
    sum00 = multiplyAdd(sum00, slopes0, weights0)
    sum01 = multiplyAdd(sum01, slopes0, weights1)
    const slopes1 = v128.load(dz1 + at)
    sum10 = multiplyAdd(sum10, slopes1, weights0)
    sum11 = multiplyAdd(sum11, slopes1, weights1)
    const slopes2 = v128.load(dz2 + at)
    sum20 = multiplyAdd(sum20, slopes2, weights0)
    sum21 = multiplyAdd(sum21, slopes2, weights1)
    const slopes3 = v128.load(dz3 + at)
    sum30 = multiplyAdd(sum30, slopes3, weights0)
    sum31 = multiplyAdd(sum31, slopes3, weights1)
  }
  const lanes = outputs & 3
  if (lanes > 0) {
    const weights0 = loadLanes(w + at, lanes)
    const weights1 = loadLanes(w1 + at, lanes)
    const slopes0 = loadLanes(dz + at, lanes)
    sum00 = multiplyAdd(sum00, slopes0, weights0)
    sum01 = multiplyAdd(sum01, slopes0, weights1)
    const slopes1 = loadLanes(dz1 + at, lanes)
    sum10 = multiplyAdd(sum10, slopes1, weights0)
    sum11 = multiplyAdd(sum11, slopes1, weights1)
    const slopes2 = loadLanes(dz2 + at, lanes)
    sum20 = multiplyAdd(sum20, slopes2, weights0)
    sum21 = multiplyAdd(sum21, slopes2, weights1)
    const slopes3 = loadLanes(dz3 + at, lanes)
    sum30 = multiplyAdd(sum30, slopes3, weights0)
    sum31 = multiplyAdd(sum31, slopes3, weights1)
  }
  const first = joinLanes4(sum00, sum01, sum10, sum11)
  const last = joinLanes4(sum20, sum21, sum30, sum31)
  v128.store_lane<u64>(dx, first, 0)
  v128.store_lane<u64>(dx + dxStep, first, 1)
  v128.store_lane<u64>(dx + 2 * dxStep, last, 0)
  v128.store_lane<u64>(dx + 3 * dxStep, last, 1)
}

// @ts-ignore: decorator
@inline
function inputTile1(dz: usize, w: usize, outputs: u32, dx: usize): void {
  let sum = f32x4.splat(0.0)
  let at: usize = 0
  const whole = <usize>(outputs & ~3) << 2
  for (; at < whole; at += 16) sum = multiplyAdd(sum, v128.load(dz + at), v128.load(w + at))
  const lanes = outputs & 3
  if (lanes > 0) sum = multiplyAdd(sum, loadLanes(dz + at, lanes), loadLanes(w + at, lanes))
  store<f32>(dx, joinLanes(sum))
}

/**
 * dx[r][k] = Σ_j dz[r][j]·w[k][j]: four partial sums (lanes), lane l over the j that leave l when divided by four, in
 * order, joined as (0 + 2) + (1 + 3).
 */
export function matrixBackpropInput(
  dz: usize, lddz: u32, w: usize, ldw: u32, dx: usize, lddx: u32, rows: u32, inputs: u32, outputs: u32,
): void {
  const dzStep = <usize>lddz << 2
  const wStep = <usize>ldw << 2
  const dxStep = <usize>lddx << 2
  const pairs = inputs & ~1
  for (; rows > 0; ) {
    const count = min(SLOPE_ROWS, rows)
    const four = count & ~3
    for (let k: u32 = 0; k < pairs; k += 2) {
      const weights = w + k * wStep
      const to = dx + (<usize>k << 2)
      for (let r: u32 = 0; r < four; r += 4) {
        inputTile4x2(dz + r * dzStep, dzStep, weights, wStep, outputs, to + r * dxStep, dxStep)
      }
      for (let r = four; r < count; r++) {
        inputTile1(dz + r * dzStep, weights, outputs, to + r * dxStep)
        inputTile1(dz + r * dzStep, weights + wStep, outputs, to + r * dxStep + 4)
      }
    }
    if (pairs < inputs) {
      const to = dx + (<usize>pairs << 2)
      for (let r: u32 = 0; r < count; r++) inputTile1(dz + r * dzStep, w + pairs * wStep, outputs, to + r * dxStep)
    }
    rows -= count
    dz += count * dzStep
    dx += count * dxStep
  }
}
