/**
 * Category slots that a number multiplies: the slope of a dense feature in each category. Every function works on one such
 * slot of a run of rows: `slotWord` is the word of the row with the index, `factorWord` that of the dense feature.
 */
import { PlaceSlot } from '../layout'
import { slotOf } from './sparse'

/** sum[k] += factor · term[k] */
// @ts-ignore: decorator
@inline
function addScaled(sum: usize, factor: f32, term: usize, bytes: usize): void {
  if (bytes == 4) store<f32>(sum, load<f32>(sum) + factor * load<f32>(term))
  else for (let k: usize = 0; k < bytes; k += 4) store<f32>(sum + k, load<f32>(sum + k) + factor * load<f32>(term + k))
}

/** z[r][k] += x[r]·v[index[r]][k] */
export function forwardScaled(
  rows: usize, stride: usize, count: u32, slotWord: u32, factorWord: u32, outputs: u32, v: usize, z: usize,
): void {
  const bytes = <usize>outputs << 2
  let slot = rows + (<usize>slotWord << 2)
  let factor = rows + (<usize>factorWord << 2)
  for (; count > 0; count -= 1, slot += stride, factor += stride, z += bytes) {
    addScaled(z, load<f32>(factor), v + <usize>load<u32>(slot) * bytes, bytes)
  }
}

/** dv[index[r]][k] += x[r]·dz[r][k], row after row. */
export function backpropScaled(
  rows: usize, stride: usize, count: u32, slotWord: u32, factorWord: u32, outputs: u32, dz: usize, dv: usize,
): void {
  const bytes = <usize>outputs << 2
  let slot = rows + (<usize>slotWord << 2)
  let factor = rows + (<usize>factorWord << 2)
  for (; count > 0; count -= 1, slot += stride, factor += stride, dz += bytes) {
    addScaled(dv + <usize>load<u32>(slot) * bytes, load<f32>(factor), dz, bytes)
  }
}

/** packed[place(index[r])][k] += x[r]·dz[r][k], row after row, with the places of backpropTouched; returns the new length of its list. */
export function backpropTouchedScaled(
  rows: usize, stride: usize, count: u32, slotWord: u32, factorWord: u32, outputs: u32, dz: usize,
  packed: usize, places: usize, base: u32, touched: usize, touchedCount: u32,
): u32 {
  const bytes = <usize>outputs << 2
  let slot = rows + (<usize>slotWord << 2)
  let factor = rows + (<usize>factorWord << 2)
  for (; count > 0; count -= 1, slot += stride, factor += stride, dz += bytes) {
    const index = load<u32>(slot)
    const slot = slotOf(places, index, base)
    const met = load<u32>(slot, PlaceSlot.Mark)
    let entry = packed + <usize>(met - base - 1) * bytes
    if (met <= base) {
      entry = packed + <usize>touchedCount * bytes
      memory.fill(entry, 0, bytes)
      store<u32>(touched + (<usize>touchedCount << 2), index)
      touchedCount += 1
      store<u32>(slot, index, PlaceSlot.Index)
      store<u32>(slot, base + touchedCount, PlaceSlot.Mark)
    }
    addScaled(entry, load<f32>(factor), dz, bytes)
  }
  return touchedCount
}
