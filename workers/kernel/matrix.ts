/**
 * The products of a dense layer, z = x·W + bias and its two gradients, in f32.
 *
 * Matrices are row-major; ld… is the number of words from one row to the next. W is inputs × outputs. Its rows and the
 * bias are padded to whole vectors: words beyond `outputs` may be read and must be finite, and are never written;
 * of x, z, dx and dz nothing beyond a row's own words is touched.
 *
 * A tile of rows × outputs is summed in registers, so that each load feeds several products. Each sum is one chain of
 * additions in the order that its function states, starting from bias or memory, whatever tile it falls into; so its
 * bits depend neither on how rows are cut into calls, nor on where the edges of the tiles lie.
 */

/** Terms of a sum that are added before the next tile: the weights of eight outputs stay in the first cache meanwhile. */
const TERM_BLOCK: u32 = 256
/** Rows that meet all the weights of a block of terms before the next rows do: with as many terms they fit the second cache. */
const ROW_BLOCK: u32 = 96
/** Rows whose slopes meet all weights before the next rows do, in the gradient of the inputs: a multiple of 4. */
const SLOPE_ROWS: u32 = 64

// @ts-ignore: decorator
@inline
function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b))
}

/** The first `lanes` words at the address; the other lanes are 0. */
// @ts-ignore: decorator
@inline
function loadLanes(address: usize, lanes: u32): v128 {
  let value = v128.load32_zero(address)
  if (lanes > 1) value = v128.load_lane<u32>(address + 4, value, 1)
  if (lanes > 2) value = v128.load_lane<u32>(address + 8, value, 2)
  return value
}

// @ts-ignore: decorator
@inline
function storeLanes(address: usize, value: v128, lanes: u32): void {
  if (lanes == 4) {
    v128.store(address, value)
    return
  }
  v128.store_lane<u32>(address, value, 0)
  if (lanes > 1) v128.store_lane<u32>(address + 4, value, 1)
  if (lanes > 2) v128.store_lane<u32>(address + 8, value, 2)
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

/**
 * One to six rows by eight outputs of a product: to[r][j] = from[r][j] + Σ_k x[r·rowStep + k·termStep]·w[k][j], k in
 * order. `rows` is a constant where this is inlined. Steps are bytes; from and to may be the same.
 */
// @ts-ignore: decorator
@inline
function productTile8(
  rows: i32,
  x: usize,
  rowStep: usize,
  termStep: usize,
  w: usize,
  wStep: usize,
  terms: u32,
  from: usize,
  fromStep: usize,
  to: usize,
  toStep: usize,
): void {
  let sum00 = v128.load(from)
  let sum01 = v128.load(from, 16)
  let sum10 = sum00
  let sum11 = sum01
  let sum20 = sum00
  let sum21 = sum01
  let sum30 = sum00
  let sum31 = sum01
  let sum40 = sum00
  let sum41 = sum01
  let sum50 = sum00
  let sum51 = sum01
  let x0 = x
  let x1 = x
  let x2 = x
  let x3 = x
  let x4 = x
  let x5 = x
  if (rows > 1) {
    sum10 = v128.load(from + fromStep)
    sum11 = v128.load(from + fromStep, 16)
    x1 = x + rowStep
  }
  if (rows > 2) {
    sum20 = v128.load(from + 2 * fromStep)
    sum21 = v128.load(from + 2 * fromStep, 16)
    x2 = x + 2 * rowStep
  }
  if (rows > 3) {
    sum30 = v128.load(from + 3 * fromStep)
    sum31 = v128.load(from + 3 * fromStep, 16)
    x3 = x + 3 * rowStep
  }
  if (rows > 4) {
    sum40 = v128.load(from + 4 * fromStep)
    sum41 = v128.load(from + 4 * fromStep, 16)
    x4 = x + 4 * rowStep
  }
  if (rows > 5) {
    sum50 = v128.load(from + 5 * fromStep)
    sum51 = v128.load(from + 5 * fromStep, 16)
    x5 = x + 5 * rowStep
  }
  let offset: usize = 0
  for (let k: u32 = 0; k < terms; k++) {
    const w0 = v128.load(w)
    const w1 = v128.load(w, 16)
    w += wStep
    const value0 = v128.load32_splat(x0 + offset)
    sum00 = multiplyAdd(sum00, value0, w0)
    sum01 = multiplyAdd(sum01, value0, w1)
    if (rows > 1) {
      const value = v128.load32_splat(x1 + offset)
      sum10 = multiplyAdd(sum10, value, w0)
      sum11 = multiplyAdd(sum11, value, w1)
    }
    if (rows > 2) {
      const value = v128.load32_splat(x2 + offset)
      sum20 = multiplyAdd(sum20, value, w0)
      sum21 = multiplyAdd(sum21, value, w1)
    }
    if (rows > 3) {
      const value = v128.load32_splat(x3 + offset)
      sum30 = multiplyAdd(sum30, value, w0)
      sum31 = multiplyAdd(sum31, value, w1)
    }
    if (rows > 4) {
      const value = v128.load32_splat(x4 + offset)
      sum40 = multiplyAdd(sum40, value, w0)
      sum41 = multiplyAdd(sum41, value, w1)
    }
    if (rows > 5) {
      const value = v128.load32_splat(x5 + offset)
      sum50 = multiplyAdd(sum50, value, w0)
      sum51 = multiplyAdd(sum51, value, w1)
    }
    offset += termStep
  }
  v128.store(to, sum00)
  v128.store(to, sum01, 16)
  if (rows > 1) {
    v128.store(to + toStep, sum10)
    v128.store(to + toStep, sum11, 16)
  }
  if (rows > 2) {
    v128.store(to + 2 * toStep, sum20)
    v128.store(to + 2 * toStep, sum21, 16)
  }
  if (rows > 3) {
    v128.store(to + 3 * toStep, sum30)
    v128.store(to + 3 * toStep, sum31, 16)
  }
  if (rows > 4) {
    v128.store(to + 4 * toStep, sum40)
    v128.store(to + 4 * toStep, sum41, 16)
  }
  if (rows > 5) {
    v128.store(to + 5 * toStep, sum50)
    v128.store(to + 5 * toStep, sum51, 16)
  }
}

/** Four rows, or one, by up to four outputs: the right edge. `lanes` outputs are loaded and stored. */
// @ts-ignore: decorator
@inline
function productTile4(
  rows: i32,
  lanes: u32,
  x: usize,
  rowStep: usize,
  termStep: usize,
  w: usize,
  wStep: usize,
  terms: u32,
  from: usize,
  fromStep: usize,
  to: usize,
  toStep: usize,
): void {
  let sum0 = lanes == 4 ? v128.load(from) : loadLanes(from, lanes)
  let sum1 = sum0
  let sum2 = sum0
  let sum3 = sum0
  let x1 = x
  let x2 = x
  let x3 = x
  if (rows > 1) {
    sum1 = lanes == 4 ? v128.load(from + fromStep) : loadLanes(from + fromStep, lanes)
    sum2 = lanes == 4 ? v128.load(from + 2 * fromStep) : loadLanes(from + 2 * fromStep, lanes)
    sum3 = lanes == 4 ? v128.load(from + 3 * fromStep) : loadLanes(from + 3 * fromStep, lanes)
    x1 = x + rowStep
    x2 = x + 2 * rowStep
    x3 = x + 3 * rowStep
  }
  let offset: usize = 0
  for (let k: u32 = 0; k < terms; k++) {
    const w0 = lanes == 4 ? v128.load(w) : loadLanes(w, lanes)
    w += wStep
    sum0 = multiplyAdd(sum0, v128.load32_splat(x + offset), w0)
    if (rows > 1) {
      sum1 = multiplyAdd(sum1, v128.load32_splat(x1 + offset), w0)
      sum2 = multiplyAdd(sum2, v128.load32_splat(x2 + offset), w0)
      sum3 = multiplyAdd(sum3, v128.load32_splat(x3 + offset), w0)
    }
    offset += termStep
  }
  storeLanes(to, sum0, lanes)
  if (rows > 1) {
    storeLanes(to + toStep, sum1, lanes)
    storeLanes(to + 2 * toStep, sum2, lanes)
    storeLanes(to + 3 * toStep, sum3, lanes)
  }
}

/** All rows of one column of tiles: eight outputs. */
function productPanel8(
  x: usize,
  rowStep: usize,
  termStep: usize,
  rows: u32,
  w: usize,
  wStep: usize,
  terms: u32,
  from: usize,
  fromStep: usize,
  to: usize,
  toStep: usize,
): void {
  for (; rows >= 6; rows -= 6) {
    productTile8(6, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
    x += 6 * rowStep
    from += 6 * fromStep
    to += 6 * toStep
  }
  if (rows >= 4) {
    productTile8(4, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
    x += 4 * rowStep
    from += 4 * fromStep
    to += 4 * toStep
    rows -= 4
  }
  if (rows >= 2) {
    productTile8(2, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
    x += 2 * rowStep
    from += 2 * fromStep
    to += 2 * toStep
    rows -= 2
  }
  if (rows == 1) productTile8(1, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
}

/** All rows of the last, narrower column of tiles: up to four outputs. */
function productPanel4(
  lanes: u32,
  x: usize,
  rowStep: usize,
  termStep: usize,
  rows: u32,
  w: usize,
  wStep: usize,
  terms: u32,
  from: usize,
  fromStep: usize,
  to: usize,
  toStep: usize,
): void {
  for (; rows >= 4; rows -= 4) {
    productTile4(4, lanes, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
    x += 4 * rowStep
    from += 4 * fromStep
    to += 4 * toStep
  }
  for (; rows > 0; rows--) {
    productTile4(1, lanes, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
    x += rowStep
    from += fromStep
    to += toStep
  }
}

/** to[r][j] = from[r][j] + Σ_k x[r][k]·w[k][j] for all outputs j, panel after panel. */
function product(
  x: usize,
  rowStep: usize,
  termStep: usize,
  rows: u32,
  w: usize,
  wStep: usize,
  terms: u32,
  from: usize,
  fromStep: usize,
  to: usize,
  toStep: usize,
  outputs: u32,
): void {
  for (; rows > 0; ) {
    const count = min(ROW_BLOCK, rows)
    let j: u32 = 0
    for (; j + 8 <= outputs; j += 8) {
      const at = <usize>j << 2
      productPanel8(x, rowStep, termStep, count, w + at, wStep, terms, from + at, fromStep, to + at, toStep)
    }
    for (; j < outputs; j += 4) {
      const at = <usize>j << 2
      const lanes = min<u32>(4, outputs - j)
      productPanel4(lanes, x, rowStep, termStep, count, w + at, wStep, terms, from + at, fromStep, to + at, toStep)
    }
    rows -= count
    x += count * rowStep
    from += count * fromStep
    to += count * toStep
  }
}

/** z[r][j] = bias[j] + Σ_k x[r][k]·w[k][j], k in order. */
export function matrixForward(
  x: usize,
  ldx: u32,
  w: usize,
  ldw: u32,
  bias: usize,
  z: usize,
  ldz: u32,
  rows: u32,
  inputs: u32,
  outputs: u32,
): void {
  const xStep = <usize>ldx << 2
  const wStep = <usize>ldw << 2
  const zStep = <usize>ldz << 2
  let from = bias
  let fromStep: usize = 0
  for (let k: u32 = 0; k == 0 || k < inputs; k += TERM_BLOCK) {
    const terms = min(TERM_BLOCK, inputs - k)
    product(x + (<usize>k << 2), xStep, 4, rows, w + k * wStep, wStep, terms, from, fromStep, z, zStep, outputs)
    from = z
    fromStep = zStep
  }
}

/** db[j] += Σ_r dz[r][j], r in order. */
function addRows(dz: usize, step: usize, db: usize, rows: u32, outputs: u32): void {
  let j: u32 = 0
  for (; j + 4 <= outputs; j += 4) {
    const at = <usize>j << 2
    let sum = v128.load(db + at)
    for (let r: u32 = 0; r < rows; r++) sum = f32x4.add(sum, v128.load(dz + r * step + at))
    v128.store(db + at, sum)
  }
  for (; j < outputs; j++) {
    const at = <usize>j << 2
    let sum = load<f32>(db + at)
    for (let r: u32 = 0; r < rows; r++) sum += load<f32>(dz + r * step + at)
    store<f32>(db + at, sum)
  }
}

/** dw[k][j] += Σ_r x[r][k]·dz[r][j] and db[j] += Σ_r dz[r][j], r in order. */
export function matrixBackpropWeights(
  x: usize,
  ldx: u32,
  dz: usize,
  lddz: u32,
  dw: usize,
  lddw: u32,
  db: usize,
  rows: u32,
  inputs: u32,
  outputs: u32,
): void {
  const xStep = <usize>ldx << 2
  const dzStep = <usize>lddz << 2
  const dwStep = <usize>lddw << 2
  for (let r: u32 = 0; r < rows; r += TERM_BLOCK) {
    const terms = min(TERM_BLOCK, rows - r)
    product(x + r * xStep, 4, xStep, inputs, dz + r * dzStep, dzStep, terms, dw, dwStep, dw, dwStep, outputs)
  }
  addRows(dz, dzStep, db, rows, outputs)
}

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
  dz: usize,
  lddz: u32,
  w: usize,
  ldw: u32,
  dx: usize,
  lddx: u32,
  rows: u32,
  inputs: u32,
  outputs: u32,
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
