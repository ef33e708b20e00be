/** How categories enter a network: as rows of a table, put behind the dense features or added to the first layer's scores. */
import { Word } from '../layout'

/** x[r] = the first `words` words of row r, then zeros up to ldx words. */
export function copyDense(rows: usize, stride: usize, count: u32, words: u32, x: usize, ldx: u32): void {
  const bytes = <usize>words << 2
  const step = <usize>ldx << 2
  for (; count > 0; count -= 1, rows += stride, x += step) {
    memory.copy(x, rows, bytes)
    memory.fill(x + bytes, 0, step - bytes)
  }
}

/** z[r][k] += f[r]·v[index[r]][k] for `width` words, rows of z `ldz` words apart; f is the word `factorWord` of the row, 1 where that is Word.None. */
export function addCategory(
  rows: usize, stride: usize, count: u32, slotWord: u32, factorWord: u32, width: u32, v: usize, z: usize,
  ldz: u32,
): void {
  const bytes = <usize>width << 2
  const step = <usize>ldz << 2
  const vectors = bytes & ~15
  for (; count > 0; count -= 1, rows += stride, z += step) {
    const entry = v + <usize>load<u32>(rows + (<usize>slotWord << 2)) * bytes
    const factor: f32 = factorWord == Word.None ? 1 : load<f32>(rows + (<usize>factorWord << 2))
    const factors = f32x4.splat(factor)
    let k: usize = 0
    for (; k < vectors; k += 16) {
      v128.store(z + k, f32x4.add(v128.load(z + k), f32x4.mul(factors, v128.load(entry + k))))
    }
    for (; k < bytes; k += 4) store<f32>(z + k, load<f32>(z + k) + factor * load<f32>(entry + k))
  }
}
