/**
 * A dense layer, z = x·W + bias, and the gradient of its weights and bias, in f32. That of its inputs: matrix-input.ts.
 *
 * Matrices are row-major; ld… is the number of words from one row to the next. W is inputs × outputs. Its rows and the
 * bias are padded to whole vectors: words beyond `outputs` may be read and must be finite, and are never written;
 * of x, z, dx and dz nothing beyond a row's own words is touched. Bits do not depend on how rows are cut into calls.
 */
import { product } from './product'

/** Terms of a sum that are added before the next tile: the weights of eight outputs stay in the first cache meanwhile. */
const TERM_BLOCK: u32 = 128

/** z[r][j] = bias[j] + Σ_k x[r][k]·w[k][j], k in order. */
export function matrixForward(
  x: usize, ldx: u32, w: usize, ldw: u32, bias: usize, z: usize, ldz: u32, rows: u32, inputs: u32,
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
  x: usize, ldx: u32, dz: usize, lddz: u32, dw: usize, lddw: u32, db: usize, rows: u32, inputs: u32,
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
