/**
 * The linear model: z = x·w + b and its gradients.
 *
 * A dot product is four partial sums (lanes) over the features in their order, joined as (0 + 2) + (1 + 3), whichever
 * loop below computes it; then the bias is added, then the categories in their order. So z of a row has the same bits
 * in a group of eight, of four or alone. Gradients are added to memory one row after the other, so that two calls on
 * the parts of a run leave the same bits as one call on the whole.
 */

/** Adds the product of one vector of features and one of weights. */
// @ts-ignore: decorator
@inline
function accumulate(sum: v128, x: usize, w: v128): v128 {
  return f32x4.add(sum, f32x4.mul(v128.load(x), w))
}

/** Joins the lanes of four sums: lane i of the result is (0 + 2) + (1 + 3) of sum i. */
// @ts-ignore: decorator
@inline
function joinLanes4(sum0: v128, sum1: v128, sum2: v128, sum3: v128): v128 {
  const pair01 = f32x4.add(
    v128.shuffle<f32>(sum0, sum1, 0, 4, 1, 5),
    v128.shuffle<f32>(sum0, sum1, 2, 6, 3, 7),
  )
  const pair23 = f32x4.add(
    v128.shuffle<f32>(sum2, sum3, 0, 4, 1, 5),
    v128.shuffle<f32>(sum2, sum3, 2, 6, 3, 7),
  )
  return f32x4.add(
    v128.shuffle<f32>(pair01, pair23, 0, 1, 4, 5),
    v128.shuffle<f32>(pair01, pair23, 2, 3, 6, 7),
  )
}

// @ts-ignore: decorator
@inline
function joinLanes(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 2) +
    (f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3))
  )
}

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
  row: usize,
  stride: usize,
  count: u32,
  bytes: usize,
  w: usize,
  bias: f32,
  z: usize,
  zStep: usize,
): void {
  const biases = f32x4.splat(bias)
  for (; count >= 8; count -= 8) {
    let sum0 = f32x4.splat(0.0)
    let sum1 = f32x4.splat(0.0)
    let sum2 = f32x4.splat(0.0)
    let sum3 = f32x4.splat(0.0)
    let sum4 = f32x4.splat(0.0)
    let sum5 = f32x4.splat(0.0)
    let sum6 = f32x4.splat(0.0)
    let sum7 = f32x4.splat(0.0)
    let x = row
    const stride2 = stride + stride
    const stride3 = stride2 + stride
    const x4 = stride2 + stride2
    for (let weight = w; weight < w + bytes; weight += 16, x += 16) {
      const weights = v128.load(weight)
      const second = x + x4
      sum0 = accumulate(sum0, x, weights)
      sum1 = accumulate(sum1, x + stride, weights)
      sum2 = accumulate(sum2, x + stride2, weights)
      sum3 = accumulate(sum3, x + stride3, weights)
      sum4 = accumulate(sum4, second, weights)
      sum5 = accumulate(sum5, second + stride, weights)
      sum6 = accumulate(sum6, second + stride2, weights)
      sum7 = accumulate(sum7, second + stride3, weights)
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
    for (let d: usize = 0; d < bytes; d += 16) sum = accumulate(sum, row + d, v128.load(w + d))
    store<f32>(z, joinLanes(sum) + bias)
    row += stride
    z += zStep
  }
}

/** Two neighbouring outputs of every row: four rows by two outputs, so that each load feeds more than one product. */
function forwardOutputPair(
  row: usize,
  stride: usize,
  count: u32,
  bytes: usize,
  w: usize,
  bias: usize,
  z: usize,
  zStep: usize,
): void {
  const bias0 = load<f32>(bias)
  const bias1 = load<f32>(bias, 4)
  for (; count >= 4; count -= 4) {
    let sum00 = f32x4.splat(0.0)
    let sum10 = f32x4.splat(0.0)
    let sum20 = f32x4.splat(0.0)
    let sum30 = f32x4.splat(0.0)
    let sum01 = f32x4.splat(0.0)
    let sum11 = f32x4.splat(0.0)
    let sum21 = f32x4.splat(0.0)
    let sum31 = f32x4.splat(0.0)
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
      sum00 = f32x4.add(sum00, f32x4.mul(x0, weights0))
      sum10 = f32x4.add(sum10, f32x4.mul(x1, weights0))
      sum20 = f32x4.add(sum20, f32x4.mul(x2, weights0))
      sum30 = f32x4.add(sum30, f32x4.mul(x3, weights0))
      sum01 = f32x4.add(sum01, f32x4.mul(x0, weights1))
      sum11 = f32x4.add(sum11, f32x4.mul(x1, weights1))
      sum21 = f32x4.add(sum21, f32x4.mul(x2, weights1))
      sum31 = f32x4.add(sum31, f32x4.mul(x3, weights1))
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
      sum0 = f32x4.add(sum0, f32x4.mul(x, v128.load(w + d)))
      sum1 = f32x4.add(sum1, f32x4.mul(x, v128.load(w + bytes + d)))
    }
    store<f32>(z, joinLanes(sum0) + bias0)
    store<f32>(z, joinLanes(sum1) + bias1, 4)
    row += stride
    z += zStep
  }
}

/** a[k] += b[k] for K words. */
// @ts-ignore: decorator
@inline
function addOutputs(a: usize, b: usize, bytes: usize): void {
  const end = a + bytes
  for (; a + 16 <= end; a += 16, b += 16) v128.store(a, f32x4.add(v128.load(a), v128.load(b)))
  for (; a < end; a += 4, b += 4) store<f32>(a, load<f32>(a) + load<f32>(b))
}

/** z[r] += Σ_c v[index[r][c]], one category after the other. */
function forwardCategories(
  indices: usize,
  stride: usize,
  count: u32,
  categories: u32,
  outputs: u32,
  v: usize,
  z: usize,
): void {
  const bytes = <usize>outputs << 2
  const width = <usize>categories << 2
  for (; count > 0; count -= 1, indices += stride, z += bytes) {
    if (outputs == 1) {
      let score = load<f32>(z)
      for (let c: usize = 0; c < width; c += 4) score += load<f32>(v + (<usize>load<u32>(indices + c) << 2))
      store<f32>(z, score)
    } else {
      for (let c: usize = 0; c < width; c += 4) addOutputs(z, v + <usize>load<u32>(indices + c) * bytes, bytes)
    }
  }
}

/** z[r][k] = ((bias[k] + Σ_d x[r][d]·w[k][d]) + v[index[r][0]][k]) + v[index[r][1]][k] … */
export function forwardLinear(
  rows: usize,
  stride: usize,
  count: u32,
  denseWords: u32,
  categories: u32,
  outputs: u32,
  w: usize,
  bias: usize,
  v: usize,
  z: usize,
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

/**
 * dw[d] += Σ_r dz[r]·x[r][d] for `width` vectors of columns (1 to 8, known when compiled), and with them
 * db += Σ_r dz[r] where `bias` is set. The sums stay in registers from the first row to the last.
 */
// @ts-ignore: decorator
@inline
function backpropColumns(
  width: i32,
  bias: bool,
  x: usize,
  stride: usize,
  dz: usize,
  dzEnd: usize,
  dzStep: usize,
  dw: usize,
  db: usize,
): void {
  let sum0 = v128.load(dw)
  let sum1 = f32x4.splat(0.0)
  let sum2 = f32x4.splat(0.0)
  let sum3 = f32x4.splat(0.0)
  let sum4 = f32x4.splat(0.0)
  let sum5 = f32x4.splat(0.0)
  let sum6 = f32x4.splat(0.0)
  let sum7 = f32x4.splat(0.0)
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
    sum0 = accumulate(sum0, x, slope)
    if (width > 1) sum1 = f32x4.add(sum1, f32x4.mul(v128.load(x, 16), slope))
    if (width > 2) sum2 = f32x4.add(sum2, f32x4.mul(v128.load(x, 32), slope))
    if (width > 3) sum3 = f32x4.add(sum3, f32x4.mul(v128.load(x, 48), slope))
    if (width > 4) sum4 = f32x4.add(sum4, f32x4.mul(v128.load(x, 64), slope))
    if (width > 5) sum5 = f32x4.add(sum5, f32x4.mul(v128.load(x, 80), slope))
    if (width > 6) sum6 = f32x4.add(sum6, f32x4.mul(v128.load(x, 96), slope))
    if (width > 7) sum7 = f32x4.add(sum7, f32x4.mul(v128.load(x, 112), slope))
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
  width: i32,
  x: usize,
  stride: usize,
  dz: usize,
  end: usize,
  step: usize,
  dw: usize,
  db: usize,
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
  x: usize,
  stride: usize,
  dz: usize,
  dzEnd: usize,
  dzStep: usize,
  dw: usize,
  bytes: usize,
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
    sum00 = f32x4.add(sum00, f32x4.mul(x0, slope0))
    sum10 = f32x4.add(sum10, f32x4.mul(x0, slope1))
    sum01 = f32x4.add(sum01, f32x4.mul(x1, slope0))
    sum11 = f32x4.add(sum11, f32x4.mul(x1, slope1))
    sum02 = f32x4.add(sum02, f32x4.mul(x2, slope0))
    sum12 = f32x4.add(sum12, f32x4.mul(x2, slope1))
    sum03 = f32x4.add(sum03, f32x4.mul(x3, slope0))
    sum13 = f32x4.add(sum13, f32x4.mul(x3, slope1))
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
  rows: usize,
  stride: usize,
  count: u32,
  denseWords: u32,
  outputs: u32,
  dz: usize,
  dw: usize,
  db: usize,
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

/** dv[index[r][c]][k] += dz[r][k], row after row. */
export function backpropCategories(
  rows: usize,
  stride: usize,
  count: u32,
  denseWords: u32,
  categories: u32,
  outputs: u32,
  dz: usize,
  dv: usize,
): void {
  let indices = rows + (<usize>denseWords << 2)
  const width = <usize>categories << 2
  const bytes = <usize>outputs << 2
  for (; count > 0; count -= 1, indices += stride, dz += bytes) {
    const slope = load<f32>(dz)
    for (let c: usize = 0; c < width; c += 4) {
      const index = load<u32>(indices + c)
      if (outputs == 1) {
        const sum = dv + (<usize>index << 2)
        store<f32>(sum, load<f32>(sum) + slope)
      } else {
        addOutputs(dv + <usize>index * bytes, dz, bytes)
      }
    }
  }
}
