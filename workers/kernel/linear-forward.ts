/**
 * The forward step of the linear model: z = x·w + b.
 *
 * A dot product is four partial sums (lanes) over the features in their order, joined as (0 + 2) + (1 + 3), whichever
 * loop below computes it; then the bias is added, then the categories in their order. So z of a row has the same bits
 * in a group of eight, of four or alone.
 */
import { forwardCategories } from './category'
import { joinLanes, joinLanes4, multiplyAdd } from './lanes'

/** Stores four lanes `step` bytes apart. */
// @ts-ignore: decorator
@inline
function storeApart(address: usize, step: usize, lanes: v128): void {
  v128.store_lane<u32>(address, lanes, 0)
  v128.store_lane<u32>(address + step, lanes, 1)
  v128.store_lane<u32>(address + 2 * step, lanes, 2)
  v128.store_lane<u32>(address + 3 * step, lanes, 3)
}

/** One output of every row. Eight rows share each load of w and hide the latency of their additions. */
function forwardOutput(
  row: usize, stride: usize, count: u32, bytes: usize, w: usize, bias: f32, z: usize, zStep: usize,
): void {
  const zero = f32x4.splat(0.0)
  const biases = f32x4.splat(bias)
  for (; count >= 8; count -= 8) {
    let sum0 = zero, sum1 = zero, sum2 = zero, sum3 = zero
    let sum4 = zero, sum5 = zero, sum6 = zero, sum7 = zero
    let x = row
    const stride2 = stride + stride
    const stride3 = stride2 + stride
    const x4 = stride2 + stride2
    for (let weight = w; weight < w + bytes; weight += 16, x += 16) {
      const weights = v128.load(weight)
      const second = x + x4
      sum0 = multiplyAdd(sum0, v128.load(x), weights)
      sum1 = multiplyAdd(sum1, v128.load(x + stride), weights)
      sum2 = multiplyAdd(sum2, v128.load(x + stride2), weights)
      sum3 = multiplyAdd(sum3, v128.load(x + stride3), weights)
      sum4 = multiplyAdd(sum4, v128.load(second), weights)
      sum5 = multiplyAdd(sum5, v128.load(second + stride), weights)
      sum6 = multiplyAdd(sum6, v128.load(second + stride2), weights)
      sum7 = multiplyAdd(sum7, v128.load(second + stride3), weights)
    }
    const first = f32x4.add(joinLanes4(sum0, sum1, sum2, sum3), biases)
    const last = f32x4.add(joinLanes4(sum4, sum5, sum6, sum7), biases)
    if (zStep == 4) {
      v128.store(z, first)
      v128.store(z, last, 16)
    } else {
      storeApart(z, zStep, first)
      storeApart(z + 4 * zStep, zStep, last)
    }
    row += x4 + x4
    z += 8 * zStep
  }
  for (; count > 0; count -= 1) {
    let sum = f32x4.splat(0.0)
    for (let d: usize = 0; d < bytes; d += 16) sum = multiplyAdd(sum, v128.load(row + d), v128.load(w + d))
    store<f32>(z, joinLanes(sum) + bias)
    row += stride
    z += zStep
  }
}

/** Two neighbouring outputs of every row: four rows by two outputs, so that each load feeds more than one product. */
function forwardOutputPair(
  row: usize, stride: usize, count: u32, bytes: usize, w: usize, bias: usize, z: usize, zStep: usize,
): void {
  const zero = f32x4.splat(0.0)
  const bias0 = load<f32>(bias)
  const bias1 = load<f32>(bias, 4)
  for (; count >= 4; count -= 4) {
    let sum00 = zero, sum10 = zero, sum20 = zero, sum30 = zero
    let sum01 = zero, sum11 = zero, sum21 = zero, sum31 = zero
    let x = row
    const stride2 = stride + stride
    const stride3 = stride2 + stride
    for (let weight = w; weight < w + bytes; weight += 16, x += 16) {
      const weights0 = v128.load(weight)
      const weights1 = v128.load(weight + bytes)
      const x0 = v128.load(x)
      const x1 = v128.load(x + stride)
      const x2 = v128.load(x + stride2)
      const x3 = v128.load(x + stride3)
      sum00 = multiplyAdd(sum00, x0, weights0)
      sum10 = multiplyAdd(sum10, x1, weights0)
      sum20 = multiplyAdd(sum20, x2, weights0)
      sum30 = multiplyAdd(sum30, x3, weights0)
      sum01 = multiplyAdd(sum01, x0, weights1)
      sum11 = multiplyAdd(sum11, x1, weights1)
      sum21 = multiplyAdd(sum21, x2, weights1)
      sum31 = multiplyAdd(sum31, x3, weights1)
    }
    storeApart(z, zStep, f32x4.add(joinLanes4(sum00, sum10, sum20, sum30), f32x4.splat(bias0)))
    storeApart(z + 4, zStep, f32x4.add(joinLanes4(sum01, sum11, sum21, sum31), f32x4.splat(bias1)))
    row += stride2 + stride2
    z += 4 * zStep
  }
  for (; count > 0; count -= 1) {
    let sum0 = f32x4.splat(0.0)
    let sum1 = f32x4.splat(0.0)
    for (let d: usize = 0; d < bytes; d += 16) {
      const x = v128.load(row + d)
      sum0 = multiplyAdd(sum0, x, v128.load(w + d))
      sum1 = multiplyAdd(sum1, x, v128.load(w + bytes + d))
    }
    store<f32>(z, joinLanes(sum0) + bias0)
    store<f32>(z, joinLanes(sum1) + bias1, 4)
    row += stride
    z += zStep
  }
}

/** z[r][k] = ((bias[k] + Σ_d x[r][d]·w[k][d]) + v[index[r][0]][k]) + v[index[r][1]][k] … */
export function forwardLinear(
  rows: usize, stride: usize, count: u32, denseWords: u32, categories: u32, outputs: u32, w: usize,
  bias: usize, v: usize, z: usize,
): void {
  const bytes = <usize>denseWords << 2
  const zStep = <usize>outputs << 2
  let k: u32 = 0
  for (; k + 2 <= outputs; k += 2) {
    const offset = <usize>k << 2
    forwardOutputPair(rows, stride, count, bytes, w + k * bytes, bias + offset, z + offset, zStep)
  }
  if (k < outputs) {
    const offset = <usize>k << 2
    forwardOutput(rows, stride, count, bytes, w + k * bytes, load<f32>(bias + offset), z + offset, zStep)
  }
  if (categories != 0) forwardCategories(rows + bytes, stride, count, categories, outputs, v, z)
}
