/**
 * f32 → the shortest decimal text that reads back to it. Readable twin: src/numeric/shortest.ts.
 *
 * Digits d = 6 … 9: m = round(|value| · 10^n) has d digits; the first m that reads back to the value gives the text. From 10⁻⁶ to
 * 10⁶ the operations are those of the twin, one by one. Beyond, 10^n is no longer exact: an m is taken, or passed over, where the
 * rounding of the few operations cannot matter, and the host is asked where it may.
 */

// @ts-ignore: decorator
@external('env', 'writeShortest')
declare function writeShortest(value: f64, out: usize): usize

const FIRST_DIGITS: i32 = 6
const MOST_DIGITS: i32 = 9
const LEAST_POWER: i32 = -46
const ZERO: u32 = 0x30

/** 10^-46 … 10^56, the nearest f64. */
const POWERS: usize = memory.data<f64>([
  1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31,
  1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15,
  1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4,
  1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24,
  1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43,
  1e44, 1e45, 1e46, 1e47, 1e48, 1e49, 1e50, 1e51, 1e52, 1e53, 1e54, 1e55, 1e56,
])

// @ts-ignore: decorator
@inline
function powerOfTen(exponent: i32): f64 {
  return load<f64>(POWERS + (usize(exponent - LEAST_POWER) << 3))
}

/** Digits of a whole number above 0. */
// @ts-ignore: decorator
@inline
function digitsOf(whole: u32): i32 {
  let digits = 1
  if (whole >= 100000) {
    digits = 6
    whole /= 100000
  }
  while (whole >= 10) {
    digits += 1
    whole /= 10
  }
  return digits
}

/** The digits of a whole number, `digits` of them, zeros before it included. */
function writeWhole(whole: u32, digits: i32, out: usize): usize {
  for (let at = out + usize(digits) - 1; at >= out; --at) {
    store<u8>(at, u8(ZERO + (whole % 10)))
    whole /= 10
  }
  return out + usize(digits)
}

function writeZeros(count: i32, out: usize): usize {
  for (let i = 0; i < count; ++i, ++out) store<u8>(out, u8(ZERO))
  return out
}

/** whole / 10^places as JavaScript writes it: with an exponent below 10⁻⁶ and from 10²¹ on. whole > 0. */
function writeDecimal(whole: u32, places: i32, out: usize): usize {
  while (whole % 10 == 0) {
    whole /= 10
    places -= 1
  }
  const digits = digitsOf(whole)
  const before = digits - places
  if (before > 21 || before < -5) {
    let exponent = before - 1
    const tail = digits - 1
    const first = tail > 0 ? whole / wholePower(tail) : whole
    store<u8>(out++, u8(ZERO + first))
    if (tail > 0) {
      store<u8>(out++, 0x2e)
      out = writeWhole(whole - first * wholePower(tail), tail, out)
    }
    store<u8>(out++, 0x65)
    store<u8>(out++, exponent < 0 ? 0x2d : 0x2b)
    if (exponent < 0) exponent = -exponent
    return writeWhole(u32(exponent), exponent >= 10 ? 2 : 1, out)
  }
  if (places <= 0) return writeZeros(-places, writeWhole(whole, digits, out))
  if (before <= 0) {
    store<u16>(out, 0x2e30)
    return writeWhole(whole, digits, writeZeros(-before, out + 2))
  }
  const power = wholePower(places)
  out = writeWhole(whole / power, before, out)
  store<u8>(out, 0x2e)
  return writeWhole(whole % power, places, out + 1)
}

/** 10^0 … 10^9 as u32. */
// @ts-ignore: decorator
@inline
function wholePower(exponent: i32): u32 {
  return u32(powerOfTen(exponent))
}

/** The twin's way, operation by operation: 10⁻⁶ ≤ size < 10⁶, where 10^places is exact. */
function writeCommon(size: f64, out: usize): usize {
  let before = 0
  while (size >= powerOfTen(before)) before += 1
  if (before == 0) while (size * powerOfTen(1 - before) < 1) before -= 1
  for (let digits = FIRST_DIGITS; digits <= MOST_DIGITS; ++digits) {
    const power = powerOfTen(digits - before)
    const whole = Math.floor(size * power + 0.5)
    if (f64(f32(whole / power)) == size) return writeDecimal(u32(whole), digits - before, out)
  }
  return 0
}

/** A normal number of any size; 0 where the host is to be asked. */
function writeAny(size: f64, out: usize): usize {
  const bits = reinterpret<u32>(f32(size))
  // The gap below a power of two is half as wide as the one above.
  if ((bits & 0x7fffff) == 0 || bits < 0x800000) return 0
  const exponent = i32(bits >> 23)
  const halfGap = reinterpret<f64>(u64(exponent - 127 - 24 + 1023) << 52)
  let before = i32(Math.floor(f64(exponent - 127) * 0.3010299956639812)) + 1
  if (size >= powerOfTen(before)) before += 1
  for (let digits = FIRST_DIGITS; digits <= MOST_DIGITS; ++digits) {
    const power = powerOfTen(digits - before)
    const scaled = size * power
    const whole = Math.floor(scaled + 0.5)
    const miss = Math.abs(whole / power - size) / halfGap
    if (miss > 1.0001) continue
    // It may read back or not, or the whole number beside it may be nearer.
    if (miss > 0.9999 || Math.abs(scaled - whole) > 0.4999) return 0
    return writeDecimal(u32(whole), digits - before, out)
  }
  return 0
}

/** Writes `0.1`, `-12.5`, `1e+30`, `NaN`; returns what follows its last byte. */
export function writeNumber(value: f32, out: usize): usize {
  const size = f64(abs<f32>(value))
  if (size == 0) {
    store<u8>(out, u8(ZERO))
    return out + 1
  }
  if (size < Infinity) {
    let unsigned = out
    if (value < 0) store<u8>(unsigned++, 0x2d)
    const end = size >= 1e-6 && size < 1e6 ? writeCommon(size, unsigned) : writeAny(size, unsigned)
    if (end) return end
  }
  return out + writeShortest(f64(value), out)
}
