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

/** Whether every a[i] is a finite number: 0 · a[i] is then 0 (or −0), and NaN for any other. */
export function allFinite(a: usize, words: u32): bool {
  const end = a + (<usize>words << 2)
  let one = f32x4.splat(0)
  let two = f32x4.splat(0)
  for (; a + 32 <= end; a += 32) {
    one = f32x4.add(one, f32x4.mul(v128.load(a), f32x4.splat(0)))
    two = f32x4.add(two, f32x4.mul(v128.load(a, 16), f32x4.splat(0)))
  }
  for (; a < end; a += 4) one = f32x4.add(one, f32x4.splat(load<f32>(a) * 0))
  return i32x4.all_true(f32x4.eq(f32x4.add(one, two), f32x4.splat(0)))
}
