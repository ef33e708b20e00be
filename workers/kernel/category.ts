/** What a row's categories add to its scores, and the gradients of their weights, where all weights have one. */

/** a[k] += b[k] for K words. */
// @ts-ignore: decorator
@inline
export function addOutputs(a: usize, b: usize, bytes: usize): void {
  const end = a + bytes
  for (; a + 16 <= end; a += 16, b += 16) v128.store(a, f32x4.add(v128.load(a), v128.load(b)))
  for (; a < end; a += 4, b += 4) store<f32>(a, load<f32>(a) + load<f32>(b))
}

/** z[r] += Σ_c v[index[r][c]], one category after the other. */
export function forwardCategories(
  indices: usize, stride: usize, count: u32, categories: u32, outputs: u32, v: usize, z: usize,
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

/** counts[index[r][c]] += 1, for the `categories` words of a row from word `firstWord`. */
export function countCategories(
  rows: usize, stride: usize, count: u32, firstWord: u32, categories: u32, counts: usize,
): void {
  let indices = rows + (<usize>firstWord << 2)
  const width = <usize>categories << 2
  for (; count > 0; count -= 1, indices += stride) {
    for (let c: usize = 0; c < width; c += 4) {
      const at = counts + (<usize>load<u32>(indices + c) << 2)
      store<u32>(at, load<u32>(at) + 1)
    }
  }
}

/** dv[index[r][c]][k] += dz[r][k], row after row. */
export function backpropCategories(
  rows: usize, stride: usize, count: u32, denseWords: u32, categories: u32, outputs: u32, dz: usize,
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
