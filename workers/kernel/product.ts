/**
 * to = from + x·w for matrices of any strides, in tiles.
 *
 * A tile of rows × outputs is summed in registers, so that each load feeds several products: four rows by eight outputs need
 * thirteen registers; with more of them, some would be kept in memory, which took 1.5 times as long. Each sum is one chain of
 * additions, its terms in order, starting from what is in `from`, whatever tile it falls into; so its bits do not depend on where
 * the edges of tiles lie.
 */
import { loadLanes, multiplyAdd, storeLanes } from './lanes'

/** Rows that meet all the weights of a block of terms before the next rows do: with as many terms they fit the second cache. */
const ROW_BLOCK: u32 = 96

/**
 * One, two or four rows by eight outputs of a product: to[r][j] = from[r][j] + Σ_k x[r·rowStep + k·termStep]·w[k][j], k in
 * order. `rows` is a constant where this is inlined. Steps are bytes; from and to may be the same.
 */
// @ts-ignore: decorator
@inline
function productTile8(
  rows: i32, x: usize, rowStep: usize, termStep: usize, w: usize, wStep: usize, terms: u32, from: usize,
  fromStep: usize, to: usize, toStep: usize,
): void {
  let sum00 = v128.load(from)
  let sum01 = v128.load(from, 16)
  let sum10 = sum00
  let sum11 = sum01
  let sum20 = sum00
  let sum21 = sum01
  let sum30 = sum00
  let sum31 = sum01
  let x0 = x
  let x1 = x
  let x2 = x
  let x3 = x
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
}

/** Four rows, or one, by up to four outputs: the right edge. `lanes` outputs are loaded and stored. */
// @ts-ignore: decorator
@inline
function productTile4(
  rows: i32, lanes: u32, x: usize, rowStep: usize, termStep: usize, w: usize, wStep: usize, terms: u32,
  from: usize, fromStep: usize, to: usize, toStep: usize,
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
  x: usize, rowStep: usize, termStep: usize, rows: u32, w: usize, wStep: usize, terms: u32, from: usize,
  fromStep: usize, to: usize, toStep: usize,
): void {
  for (; rows >= 4; rows -= 4) {
    productTile8(4, x, rowStep, termStep, w, wStep, terms, from, fromStep, to, toStep)
    x += 4 * rowStep
    from += 4 * fromStep
    to += 4 * toStep
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
  lanes: u32, x: usize, rowStep: usize, termStep: usize, rows: u32, w: usize, wStep: usize, terms: u32,
  from: usize, fromStep: usize, to: usize, toStep: usize,
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
export function product(
  x: usize, rowStep: usize, termStep: usize, rows: u32, w: usize, wStep: usize, terms: u32, from: usize,
  fromStep: usize, to: usize, toStep: usize, outputs: u32,
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
