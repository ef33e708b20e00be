/**
 * The category weights that a step touches. There may be millions of weights and some ten thousand touched: their
 * gradients, changes and optimizer state are packed, one after the other in the order in which they were met, so that
 * only the look-ups below miss the cache, many at a time. Twins: src/step/touched.ts.
 */
import { Places, PlaceSlot } from '../layout'

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
  for (let k: usize = 0; k < bytes; k += 4) store<f32>(sum + k, <f32>0 + load<f32>(dz + k))
}

/** Where the search for an index begins in a table of Places. Source: D. Knuth, "The art of computer programming", volume 3, section 6.4 (Fibonacci hashing). */
// @ts-ignore: decorator
@inline
function firstSlot(places: usize, index: u32): usize {
  return places + Places.Slots + (usize((index * 0x9e3779b1) >> load<u32>(places, Places.Shift)) << 3)
}

/** The slot of an index, or the empty one that it is to have: a mark of at most `base` is of an earlier step. */
// @ts-ignore: decorator
@inline
export function slotOf(places: usize, index: u32, base: u32): usize {
  let slot = firstSlot(places, index)
  while (load<u32>(slot, PlaceSlot.Mark) > base && load<u32>(slot, PlaceSlot.Index) != index) {
    slot += PlaceSlot.SIZE
    if (slot == places + load<u32>(places, Places.End)) slot = places + Places.Slots
  }
  return slot
}

/**
 * packed[place(index[r][c])][k] += dz[r][k], row after row; `packed` is touched × outputs.
 *
 * An index that has not been met in this step gets the next place, and is appended to `touched`. Returns the new length of
 * that list. The places are kept by hash: a table of what a step can touch stays in the cache, one of all weights does not.
 */
export function backpropTouched(
  rows: usize, stride: usize, count: u32, denseWords: u32, categories: u32, outputs: u32, dz: usize,
  packed: usize, places: usize, base: u32, touched: usize, touchedCount: u32,
): u32 {
  let indices = rows + (<usize>denseWords << 2)
  const width = <usize>categories << 2
  const bytes = <usize>outputs << 2
  let seen: u32 = 0
  for (; count > 0; count -= 1, indices += stride, dz += bytes) {
    // All places of the row are fetched side by side, before any is branched upon: each is likely to miss the cache.
    for (let c: usize = 0; c < width; c += 4) seen |= load<u32>(firstSlot(places, load<u32>(indices + c)))
    if (bytes == 4) {
      // Whether an index is new cannot be foreseen: no branch depends on it.
      const slope = load<f32>(dz)
      for (let c: usize = 0; c < width; c += 4) {
        const index = load<u32>(indices + c)
        const slot = slotOf(places, index, base)
        const met = load<u32>(slot, PlaceSlot.Mark)
        const isNew = met <= base
        const mark = isNew ? base + touchedCount + 1 : met
        const entry = packed + (<usize>(mark - base - 1) << 2)
        store<f32>(entry, (isNew ? <f32>0 : load<f32>(entry)) + slope)
        store<u32>(touched + (<usize>touchedCount << 2), index)
        store<u32>(slot, index, PlaceSlot.Index)
        store<u32>(slot, mark, PlaceSlot.Mark)
        touchedCount += u32(isNew)
      }
      continue
    }
    for (let c: usize = 0; c < width; c += 4) {
      const index = load<u32>(indices + c)
      const slot = slotOf(places, index, base)
      const met = load<u32>(slot, PlaceSlot.Mark)
      if (met > base) addEntry(packed + <usize>(met - base - 1) * bytes, dz, bytes)
      else {
        startEntry(packed + <usize>touchedCount * bytes, dz, bytes)
        store<u32>(touched + (<usize>touchedCount << 2), index)
        touchedCount += 1
        store<u32>(slot, index, PlaceSlot.Index)
        store<u32>(slot, base + touchedCount, PlaceSlot.Mark)
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
