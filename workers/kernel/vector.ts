/** Whole vectors of f32: element i depends on element i alone, so any cut of a vector gives the same bits. */

/** a[i] += b[i] */
export function add(a: usize, b: usize, words: u32): void {
  const end = a + (<usize>words << 2)
  for (; a + 64 <= end; a += 64, b += 64) {
    const sum0 = f32x4.add(v128.load(a), v128.load(b))
    const sum1 = f32x4.add(v128.load(a, 16), v128.load(b, 16))
    const sum2 = f32x4.add(v128.load(a, 32), v128.load(b, 32))
    const sum3 = f32x4.add(v128.load(a, 48), v128.load(b, 48))
    v128.store(a, sum0)
    v128.store(a, sum1, 16)
    v128.store(a, sum2, 32)
    v128.store(a, sum3, 48)
  }
  for (; a + 16 <= end; a += 16, b += 16) v128.store(a, f32x4.add(v128.load(a), v128.load(b)))
  for (; a < end; a += 4, b += 4) store<f32>(a, load<f32>(a) + load<f32>(b))
}

/** a[i] *= factor */
export function scale(a: usize, factor: f32, words: u32): void {
  const end = a + (<usize>words << 2)
  const factors = f32x4.splat(factor)
  for (; a + 16 <= end; a += 16) v128.store(a, f32x4.mul(v128.load(a), factors))
  for (; a < end; a += 4) store<f32>(a, load<f32>(a) * factor)
}

/** a[i] = 0 */
export function zero(a: usize, words: u32): void {
  memory.fill(a, 0, <usize>words << 2)
}

/**
 * Σ a[i]² in f64, finite where every a[i] is: eight sums, of every eighth element, added as a tree. The same in src/step/clip.ts.
 */
export function sumOfSquares(a: usize, words: u32): f64 {
  const end = a + (<usize>words << 2)
  let s01 = f64x2.splat(0)
  let s23 = f64x2.splat(0)
  let s45 = f64x2.splat(0)
  let s67 = f64x2.splat(0)
  for (; a + 32 <= end; a += 32) {
    const low = v128.load(a)
    const high = v128.load(a, 16)
    const a01 = f64x2.promote_low_f32x4(low)
    const a23 = f64x2.promote_low_f32x4(v128.shuffle<u64>(low, low, 1, 1))
    const a45 = f64x2.promote_low_f32x4(high)
    const a67 = f64x2.promote_low_f32x4(v128.shuffle<u64>(high, high, 1, 1))
    s01 = f64x2.add(s01, f64x2.mul(a01, a01))
    s23 = f64x2.add(s23, f64x2.mul(a23, a23))
    s45 = f64x2.add(s45, f64x2.mul(a45, a45))
    s67 = f64x2.add(s67, f64x2.mul(a67, a67))
  }
  // Fewer than eight are left: those with even numbers and those with odd ones.
  let even: f64 = 0
  let odd: f64 = 0
  for (; a + 8 <= end; a += 8) {
    even += square(load<f32>(a))
    odd += square(load<f32>(a, 4))
  }
  if (a < end) even += square(load<f32>(a))
  const sums = f64x2.add(f64x2.add(s01, s23), f64x2.add(s45, s67))
  return f64x2.extract_lane(sums, 0) + even + (f64x2.extract_lane(sums, 1) + odd)
}

function square(value: f32): f64 {
  return <f64>value * <f64>value
}
