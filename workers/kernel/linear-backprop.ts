/**
 * The gradients of the linear model's weights and bias. They are added to memory one row after the other, so that two
 * calls on the parts of a run leave the same bits as one call on the whole.
 */
import { addOutputs } from './category'
import { multiplyAdd } from './lanes'

/**
 * dw[d] += Σ_r dz[r]·x[r][d] for `width` vectors of columns (1 to 8, known when compiled), and with them
 * db += Σ_r dz[r] where `bias` is set. The sums stay in registers from the first row to the last.
 */
// @ts-ignore: decorator
@inline
function backpropColumns(
  width: i32, bias: bool, x: usize, stride: usize, dz: usize, dzEnd: usize, dzStep: usize, dw: usize,
  db: usize,
): void {
  let sum0 = v128.load(dw)
  const zero = f32x4.splat(0.0)
  let sum1 = zero, sum2 = zero, sum3 = zero, sum4 = zero, sum5 = zero, sum6 = zero, sum7 = zero
  if (width > 1) sum1 = v128.load(dw, 16)
  if (width > 2) sum2 = v128.load(dw, 32)
  if (width > 3) sum3 = v128.load(dw, 48)
  if (width > 4) sum4 = v128.load(dw, 64)
  if (width > 5) sum5 = v128.load(dw, 80)
  if (width > 6) sum6 = v128.load(dw, 96)
  if (width > 7) sum7 = v128.load(dw, 112)
  let sumBias = f32x4.splat(0.0)
  if (bias) sumBias = v128.load32_splat(db)
  for (; dz < dzEnd; dz += dzStep, x += stride) {
    const slope = v128.load32_splat(dz)
    if (bias) sumBias = f32x4.add(sumBias, slope)
    sum0 = multiplyAdd(sum0, v128.load(x), slope)
    if (width > 1) sum1 = multiplyAdd(sum1, v128.load(x, 16), slope)
    if (width > 2) sum2 = multiplyAdd(sum2, v128.load(x, 32), slope)
    if (width > 3) sum3 = multiplyAdd(sum3, v128.load(x, 48), slope)
    if (width > 4) sum4 = multiplyAdd(sum4, v128.load(x, 64), slope)
    if (width > 5) sum5 = multiplyAdd(sum5, v128.load(x, 80), slope)
    if (width > 6) sum6 = multiplyAdd(sum6, v128.load(x, 96), slope)
    if (width > 7) sum7 = multiplyAdd(sum7, v128.load(x, 112), slope)
  }
  if (bias) v128.store_lane<u32>(db, sumBias, 0)
  v128.store(dw, sum0)
  if (width > 1) v128.store(dw, sum1, 16)
  if (width > 2) v128.store(dw, sum2, 32)
  if (width > 3) v128.store(dw, sum3, 48)
  if (width > 4) v128.store(dw, sum4, 64)
  if (width > 5) v128.store(dw, sum5, 80)
  if (width > 6) v128.store(dw, sum6, 96)
  if (width > 7) v128.store(dw, sum7, 112)
}

/** The last columns of one output, 1 to 8 vectors of them, and its bias. */
function backpropLastColumns(
  width: i32, x: usize, stride: usize, dz: usize, end: usize, step: usize, dw: usize, db: usize,
): void {
  if (width == 8) backpropColumns(8, true, x, stride, dz, end, step, dw, db)
  else if (width == 7) backpropColumns(7, true, x, stride, dz, end, step, dw, db)
  else if (width == 6) backpropColumns(6, true, x, stride, dz, end, step, dw, db)
  else if (width == 5) backpropColumns(5, true, x, stride, dz, end, step, dw, db)
  else if (width == 4) backpropColumns(4, true, x, stride, dz, end, step, dw, db)
  else if (width == 3) backpropColumns(3, true, x, stride, dz, end, step, dw, db)
  else if (width == 2) backpropColumns(2, true, x, stride, dz, end, step, dw, db)
  else backpropColumns(1, true, x, stride, dz, end, step, dw, db)
}

/** Four vectors of columns of two neighbouring outputs: dw[k][d] += Σ_r dz[r][k]·x[r][d]. */
function backpropColumnsPair(
  x: usize, stride: usize, dz: usize, dzEnd: usize, dzStep: usize, dw: usize, bytes: usize,
): void {
  const dw1 = dw + bytes
  let sum00 = v128.load(dw)
  let sum01 = v128.load(dw, 16)
  let sum02 = v128.load(dw, 32)
  let sum03 = v128.load(dw, 48)
  let sum10 = v128.load(dw1)
  let sum11 = v128.load(dw1, 16)
  let sum12 = v128.load(dw1, 32)
  let sum13 = v128.load(dw1, 48)
  for (; dz < dzEnd; dz += dzStep, x += stride) {
    const slope0 = v128.load32_splat(dz)
    const slope1 = v128.load32_splat(dz, 4)
    const x0 = v128.load(x)
    const x1 = v128.load(x, 16)
    const x2 = v128.load(x, 32)
    const x3 = v128.load(x, 48)
    sum00 = multiplyAdd(sum00, x0, slope0)
    sum10 = multiplyAdd(sum10, x0, slope1)
    sum01 = multiplyAdd(sum01, x1, slope0)
    sum11 = multiplyAdd(sum11, x1, slope1)
    sum02 = multiplyAdd(sum02, x2, slope0)
    sum12 = multiplyAdd(sum12, x2, slope1)
    sum03 = multiplyAdd(sum03, x3, slope0)
    sum13 = multiplyAdd(sum13, x3, slope1)
  }
  v128.store(dw, sum00)
  v128.store(dw, sum01, 16)
  v128.store(dw, sum02, 32)
  v128.store(dw, sum03, 48)
  v128.store(dw1, sum10)
  v128.store(dw1, sum11, 16)
  v128.store(dw1, sum12, 32)
  v128.store(dw1, sum13, 48)
}

/** db[k] += Σ_r dz[r][k], for models without dense features. */
function backpropBias(count: u32, outputs: u32, dz: usize, db: usize): void {
  const bytes = <usize>outputs << 2
  for (; count > 0; count -= 1, dz += bytes) addOutputs(db, dz, bytes)
}

/** dw[k][d] += Σ_r dz[r][k]·x[r][d] and db[k] += Σ_r dz[r][k], row after row. */
export function backpropLinear(
  rows: usize, stride: usize, count: u32, denseWords: u32, outputs: u32, dz: usize, dw: usize, db: usize,
): void {
  if (denseWords == 0) {
    backpropBias(count, outputs, dz, db)
    return
  }
  const bytes = <usize>denseWords << 2
  const step = <usize>outputs << 2
  const end = dz + count * step
  let column: usize = 0
  // A block of columns of all rows stays in the first cache while every output passes over it.
  if (outputs > 1) {
    for (; column + 64 < bytes; column += 64) {
      let k: usize = 0
      for (; k + 2 <= <usize>outputs; k += 2) {
        const to = dw + k * bytes + column
        backpropColumnsPair(rows + column, stride, dz + (k << 2), end, step, to, bytes)
      }
      if (k < <usize>outputs) {
        const to = dw + k * bytes + column
        backpropColumns(4, false, rows + column, stride, dz + (k << 2), end, step, to, 0)
      }
    }
  }
  for (; column + 128 < bytes; column += 128) {
    for (let k: usize = 0; k < <usize>outputs; ++k) {
      const offset = k << 2
      const to = dw + k * bytes + column
      backpropColumns(8, false, rows + column, stride, dz + offset, end, step, to, 0)
    }
  }
  const width = <i32>((bytes - column) >> 4)
  for (let k: usize = 0; k < <usize>outputs; ++k) {
    const offset = k << 2
    const to = dw + k * bytes + column
    backpropLastColumns(width, rows + column, stride, dz + offset, end, step, to, db + offset)
  }
}
