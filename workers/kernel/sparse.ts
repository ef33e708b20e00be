/**
 * The category weights that a step touches. There may be millions of weights and some ten thousand touched: their
 * gradients, changes and optimizer state are packed, one after the other in the order in which they were met, so that
 * only the look-ups below miss the cache, many at a time. Twins: src/step/touched.ts.
 */

/** sum[k] += dz[k] for one entry; written out for one output, the common case. */
// @ts-ignore: decorator
@inline
function addEntry(sum: usize, dz: usize, bytes: usize): void {
  if (bytes == 4) store<f32>(sum, load<f32>(sum) + load<f32>(dz))
  else for (let k: usize = 0; k < bytes; k += 4) store<f32>(sum + k, load<f32>(sum + k) + load<f32>(dz + k))
}

/** sum[k] = 0 + dz[k]: what adding to 0 gives, −0 included. */
// @ts-ignore: decorator
@inline
function startEntry(sum: usize, dz: usize, bytes: usize): void {
  if (bytes == 4) store<f32>(sum, <f32>0 + load<f32>(dz))
  else for (let k: usize = 0; k < bytes; k += 4) store<f32>(sum + k, <f32>0 + load<f32>(dz + k))
}

/**
 * packed[place(index[r][c])][k] += dz[r][k], row after row; `packed` is touched × outputs.
 *
 * places[index] is base + 1 + place where the index has been met in this step, and at most `base` where it has not:
 * it then gets the next place, and is appended to `touched`. Returns the new length of that list.
 */
export function backpropTouched(
  rows: usize,
  stride: usize,
  count: u32,
  denseWords: u32,
  categories: u32,
  outputs: u32,
  dz: usize,
  packed: usize,
  places: usize,
  base: u32,
  touched: usize,
  touchedCount: u32,
): u32 {
  let indices = rows + (<usize>denseWords << 2)
  const width = <usize>categories << 2
  const bytes = <usize>outputs << 2
  let seen: u32 = 0
  for (; count > 0; count -= 1, indices += stride, dz += bytes) {
    // All places of the row are fetched side by side, before any is branched upon: each is likely to miss the cache.
    for (let c: usize = 0; c < width; c += 4) seen |= load<u32>(places + (<usize>load<u32>(indices + c) << 2))
    for (let c: usize = 0; c < width; c += 4) {
      const index = load<u32>(indices + c)
      const mark = places + (<usize>index << 2)
      const met = load<u32>(mark)
      if (met > base) addEntry(packed + <usize>(met - base - 1) * bytes, dz, bytes)
      else {
        startEntry(packed + <usize>touchedCount * bytes, dz, bytes)
        store<u32>(touched + (<usize>touchedCount << 2), index)
        touchedCount += 1
        store<u32>(mark, base + touchedCount)
      }
    }
  }
  // Nothing reads it; written so that the look-ups above are not taken for useless.
  store<u32>(touched + (<usize>touchedCount << 2), seen)
  return touchedCount
}

/** Copies entries of `bytes` bytes; a loop, because memory.copy costs a call. */
// @ts-ignore: decorator
@inline
function copyEntry(from: usize, to: usize, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 4) store<f32>(to + k, load<f32>(from + k))
}

/** to[i][k] = from[indices[i]][k] for `count` entries of `outputs` f32 each. */
export function gather(from: usize, indices: usize, count: u32, outputs: u32, to: usize): void {
  const bytes = <usize>outputs << 2
  const end = indices + (<usize>count << 2)
  if (outputs == 1) {
    for (; indices < end; indices += 4, to += 4) store<f32>(to, load<f32>(from + (<usize>load<u32>(indices) << 2)))
    return
  }
  for (; indices < end; indices += 4, to += bytes) copyEntry(from + <usize>load<u32>(indices) * bytes, to, bytes)
}

/** to[indices[i]][k] = from[i][k] */
export function scatter(from: usize, indices: usize, count: u32, outputs: u32, to: usize): void {
  const bytes = <usize>outputs << 2
  const end = indices + (<usize>count << 2)
  if (outputs == 1) {
    for (; indices < end; indices += 4, from += 4) store<f32>(to + (<usize>load<u32>(indices) << 2), load<f32>(from))
    return
  }
  for (; indices < end; indices += 4, from += bytes) copyEntry(from, to + <usize>load<u32>(indices) * bytes, bytes)
}

/** to[indices[i]][k] += from[i][k] */
export function scatterAdd(from: usize, indices: usize, count: u32, outputs: u32, to: usize): void {
  const bytes = <usize>outputs << 2
  const end = indices + (<usize>count << 2)
  for (; indices < end; indices += 4, from += bytes) addEntry(to + <usize>load<u32>(indices) * bytes, from, bytes)
}
