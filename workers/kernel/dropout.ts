/** 32 mixed bits in each lane. Source: A. Appleby, MurmurHash3 finalizer, 2011; twin: mixBits in src/numeric/random.ts. */
// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x85ebca6b))
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(0xc2b2ae35))
  return v128.xor(x, i32x4.shr_u(x, 16))
}

/**
 * Leaves units out, in place: a[r][j] = 0 where mix(mix(key + firstRow + r) + j) < threshold, else a[r][j]·scale.
 *
 * The bits depend on (key, row, unit) alone: neither on the shard, nor on the order of calls. A unit left out is +0,
 * whatever it was.
 */
export function dropout(
  a: usize, lda: u32, rows: u32, units: u32, key: u32, firstRow: u32, threshold: u32, scale: f32,
): void {
  const scales = f32x4.splat(scale)
  const thresholds = i32x4.splat(threshold)
  for (let r: u32 = 0; r < rows; r++) {
    const row = a + ((<usize>r * lda) << 2)
    const bits = mix4(i32x4.splat(key + firstRow + r))
    let unit = i32x4.add(bits, i32x4(0, 1, 2, 3))
    let j: u32 = 0
    for (; j + 4 <= units; j += 4) {
      const address = row + (<usize>j << 2)
      const kept = i32x4.ge_u(mix4(unit), thresholds)
      v128.store(address, v128.and(f32x4.mul(v128.load(address), scales), kept))
      unit = i32x4.add(unit, i32x4.splat(4))
    }
    for (; j < units; j++) {
      const address = row + (<usize>j << 2)
      const kept = <u32>i32x4.extract_lane(mix4(unit), 0) >= threshold
      store<f32>(address, kept ? load<f32>(address) * scale : 0)
      unit = i32x4.add(unit, i32x4.splat(1))
    }
  }
}
