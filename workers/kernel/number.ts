/**
 * Bytes of a decimal number → the nearest f64, ties to even: the same bits as ECMAScript's Number().
 *
 *   number = [-+] (digits [mark [digits]] | mark digits) [(e|E) [-+] digits], blanks (space, tab) around it allowed
 *   mark   = . or, where the dialect says so, a comma; the other one is then no part of a number
 *
 * Four ways, each exact, from the common to the rare:
 *   up to 8 or 16 bytes, digits and a point: eight digits at a time in one u64, then Clinger's fast path:
 *     a mantissa ≤ 2^53 and a power of ten ≤ 10^22 are both exact in f64, so one division rounds once;
 *   anything up to 19 digits: Eisel and Lemire's product with a 128-bit power of ten;
 *   more than 19 digits: the same for the mantissa cut off and for the next one; where they agree, so does what lies between;
 *   the rest: the host's Number(), by the imported parseDecimal.
 *
 * Sources: W. Clinger, How to read floating point numbers accurately, 1990; D. Lemire, Number parsing at a gigabyte
 * per second, 2021; N. Mushtak and D. Lemire, Fast number parsing without fallback, 2022 (the product always decides).
 *
 * `powers` is the table of src/numeric/powers.ts. May read up to 64 bytes past `end`; they do not change the result.
 */

import { isBlank } from './scan'

// @ts-ignore: decorator
@external('env', 'parseDecimal')
declare function parseDecimal(start: usize, end: usize): f64

const ZEROS: u64 = 0x3030303030303030
const BIT_FOUR: u64 = 0x1010101010101010
const ONES: u64 = 0x0101010101010101
const HIGH_BITS: u64 = 0x8080808080808080
const BEYOND_NINE: u64 = 0x7676767676767676
const LARGEST_EXACT: u64 = 1 << 53

/** 10^0 … 10^22, then, 256 bytes on, −10^0 … −10^22: to divide by one of those gives a number its sign, 0 too. */
const TENS: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7, -1e8,
])

/** 10^0 … 10^19 as u64. */
const WHOLE_TENS: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
])

// @ts-ignore: decorator
@inline
function wholePowerOfTen(exponent: usize): u64 {
  return load<u64>(WHOLE_TENS + (exponent << 3))
}

// @ts-ignore: decorator
@inline
function powerOfTen(exponent: u32): f64 {
  return load<f64>(TENS + (usize(exponent) << 3))
}

/** The lowest set bit is the high bit of the first byte that is the mark; 0 where there is none. */
// @ts-ignore: decorator
@inline
function marksIn(word: u64, mark: u32): u64 {
  const other = word ^ (u64(mark) * ONES)
  return (other - ONES) & ~other & HIGH_BITS
}

/** Whether some byte of a word, '0' already taken off each, is not a digit. */
// @ts-ignore: decorator
@inline
function holdsOther(digits: u64): bool {
  return ((digits | (digits + BEYOND_NINE)) & HIGH_BITS) != 0
}

/** Eight digits, the first in the lowest byte → their value: pairs, then fours, then eight. */
// @ts-ignore: decorator
@inline
function eightDigits(digits: u64): u64 {
  const pairs = digits * 10 + (digits >> 8)
  const even = pairs & 0x000000ff000000ff
  const odd = (pairs >> 16) & 0x000000ff000000ff
  return (even * 0x000f424000000064 + odd * 0x0000271000000001) >> 32
}

// @ts-ignore: decorator
@inline
function withSign(magnitude: f64, negative: u64): f64 {
  return reinterpret<f64>(reinterpret<u64>(magnitude) | (negative << 63))
}

/**
 * A number of at most eight bytes after a minus, digits and a mark only; NaN for anything else.
 * '0' is taken off every byte, which leaves 0 … 9 for a digit; then the last byte is moved to the top of the word, and
 * the zeros that come in below are leading zeros. Bit 4 of a byte, 0 in a digit, is 1 in a point and in a comma.
 */
// @ts-ignore: decorator
@inline
export function shortNumber(start: usize, end: usize, mark: u32): f64 {
  const negative = usize(load<u8>(start) == 0x2d)
  start += negative
  const length = end - start
  if (length - 1 > 7) return NaN
  let digits = (load<u64>(start) ^ ZEROS) << (0 - u64(length << 3))
  let divisor = TENS + (negative << 8)
  const marks = digits & BIT_FOUR
  if (marks) {
    // Digits after the mark stay, those before it move up into its place.
    const above = clz(marks)
    const fraction = usize(above) >> 3
    if (length == 1 || u32(load<u8>(end - 1 - fraction)) != mark) return NaN
    const moved = digits << 8
    digits = moved ^ ((moved ^ digits) & ((-256 as u64) << (59 - above)))
    divisor += fraction << 3
  }
  if (holdsOther(digits)) return NaN
  return f64(i64(eightDigits(digits))) / load<f64>(divisor)
}

/** The same for 9 to 16 bytes after the sign. */
function mediumNumber(start: usize, end: usize, mark: u32): f64 {
  const negative = u64(load<u8>(start) == 0x2d)
  start += usize(negative)
  const length = end - start
  if (length - 9 > 7) return NaN
  let high = load<u64>(end - 8)
  let low = load<u64>(start) << u64((16 - length) << 3)
  let count = length
  let fraction: u32 = 0
  let dots = marksIn(high, mark)
  if (dots) {
    const dot = dots & (0 - dots)
    const before = (dot >> 7) - 1
    high = ((high & before) << 8) | (high & ~((before << 8) | 0xff)) | (low >> 56)
    low <<= 8
    fraction = u32(clz(dot)) >> 3
    count -= 1
  } else {
    dots = marksIn(low, mark)
    if (dots) {
      const dot = dots & (0 - dots)
      const before = (dot >> 7) - 1
      low = ((low & before) << 8) | (low & ~((before << 8) | 0xff))
      fraction = 8 + (u32(clz(dot)) >> 3)
      count -= 1
    }
  }
  // count is 8 … 16; at 8 the low word is all padding.
  low |= count > 8 ? (ZEROS >> 8) >> u64((count - 9) << 3) : ZEROS
  low ^= ZEROS
  high ^= ZEROS
  if (holdsOther(low) || holdsOther(high)) return NaN
  const mantissa = eightDigits(low) * 100000000 + eightDigits(high)
  if (mantissa > LARGEST_EXACT) return NaN
  return withSign(f64(i64(mantissa)) / powerOfTen(fraction), negative)
}

/** The upper 64 bits of a 128-bit product, from four 32-bit products. */
// @ts-ignore: decorator
@inline
function productHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const aHigh = a >> 32
  const bLow = b & 0xffffffff
  const bHigh = b >> 32
  const middle = aHigh * bLow + ((aLow * bLow) >> 32)
  const other = aLow * bHigh + (middle & 0xffffffff)
  return aHigh * bHigh + (middle >> 32) + (other >> 32)
}

/** Whether the table of powers reaches 10^exponent. */
// @ts-ignore: decorator
@inline
function inTable(exponent: i32, powers: usize): bool {
  return exponent >= load<i32>(powers) && exponent <= load<i32>(powers, 4)
}

/** mantissa · 10^exponent, rounded once; mantissa ≠ 0, and the exponent is in the table, so the result is normal. */
function eiselLemire(mantissa: u64, exponent: i32, powers: usize): f64 {
  const entry = powers + 16 + (usize(exponent - load<i32>(powers)) << 4)
  const zeros = clz(mantissa)
  const word = mantissa << zeros
  const power = load<u64>(entry)
  // Both halves of the power, always: a number printed in full is so near an f64 that the lower half matters every
  // other time, and that is a branch which cannot be guessed.
  const more = productHigh(word, load<u64>(entry, 8))
  const low = word * power + more
  const high = productHigh(word, power) + u64(low < more)
  const upper = high >> 63
  const shift = upper + 9
  let bits = high >> shift
  let binary = u64(((217706 * exponent) >> 16) + 63 + 1023) + upper - zeros
  // Half-way cases are exact only for these exponents: round them to even instead of up.
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << shift == high) bits &= ~1
  bits = (bits + (bits & 1)) >> 1
  if (bits >= LARGEST_EXACT) {
    bits = LARGEST_EXACT >> 1
    binary += 1
  }
  return reinterpret<f64>((bits & ~(LARGEST_EXACT >> 1)) | (binary << 52))
}

/** mantissa · 10^exponent, rounded once, or NaN where the table does not reach. */
function scaled(mantissa: u64, exponent: i32, powers: usize): f64 {
  if (mantissa <= LARGEST_EXACT && exponent >= -22 && exponent <= 22) {
    const whole = f64(i64(mantissa))
    return exponent < 0 ? whole / powerOfTen(-exponent) : whole * powerOfTen(exponent)
  }
  if (!mantissa) return 0
  return inTable(exponent, powers) ? eiselLemire(mantissa, exponent, powers) : NaN
}

/** More than 19 digits from `first` on: the leading zeros do not count, the first 19 of the others bracket the value. */
function longMantissa(first: usize, digits: usize, mantissa: u64, exponent: i32, powers: usize, mark: u32): f64 {
  let at = first
  let left = digits
  for (; left; ++at) {
    const byte = u32(load<u8>(at))
    if (byte == mark) continue
    if (byte != 0x30) break
    left -= 1
  }
  if (left > 19) {
    mantissa = 0
    for (let taken = 0; taken < 19; ++at) {
      const byte = u32(load<u8>(at))
      if (byte == mark) continue
      mantissa = mantissa * 10 + (byte - 0x30)
      taken += 1
    }
    exponent += i32(left) - 19
    if (!inTable(exponent, powers)) return NaN
    const below = eiselLemire(mantissa, exponent, powers)
    return below == eiselLemire(mantissa + 1, exponent, powers) ? below : NaN
  }
  return scaled(mantissa, exponent, powers)
}

/** The whole grammar. */
function anyNumber(start: usize, end: usize, powers: usize, mark: u32): f64 {
  while (start < end && isBlank(load<u8>(start))) start += 1
  while (start < end && isBlank(load<u8>(end - 1))) end -= 1
  let first = start
  let negative: u64 = 0
  if (start < end) {
    const sign = load<u8>(start)
    negative = u64(sign == 0x2d)
    if (sign == 0x2d || sign == 0x2b) first += 1
  }
  let mantissa: u64 = 0
  let at = first
  let afterDot: usize = 0
  while (at < end) {
    const chunk = load<u64>(at) ^ ZEROS
    let count = usize(ctz((chunk | (chunk + BEYOND_NINE)) & HIGH_BITS)) >> 3
    if (count > end - at) count = end - at
    at += count
    if (count == 8) {
      mantissa = mantissa * 100000000 + eightDigits(chunk)
      continue
    }
    if (count) mantissa = mantissa * wholePowerOfTen(count) + eightDigits(chunk << u64((8 - count) << 3))
    if (at == end || afterDot || u32(load<u8>(at)) != mark) break
    at += 1
    afterDot = at
  }
  const digits = at - first - usize(afterDot != 0)
  if (!digits) return NaN
  const fraction = afterDot ? i32(at - afterDot) : 0
  let exponent: i32 = 0
  if (at < end) {
    if ((load<u8>(at) | 0x20) != 0x65) return NaN
    at += 1
    const sign = at < end ? load<u8>(at) : 0
    if (sign == 0x2d || sign == 0x2b) at += 1
    if (at == end) return NaN
    for (; at < end; ++at) {
      const digit = u32(load<u8>(at)) - 0x30
      if (digit > 9) return NaN
      // Beyond this every number is 0 or infinite, whatever its mantissa in a block of bytes.
      if (exponent < 100000000) exponent = exponent * 10 + digit
    }
    if (sign == 0x2d) exponent = -exponent
  }
  const scale = exponent - fraction
  let magnitude: f64
  if (digits > 19) magnitude = longMantissa(first, digits, mantissa, scale, powers, mark)
  else magnitude = scaled(mantissa, scale, powers)
  return magnitude == magnitude ? withSign(magnitude, negative) : parseDecimal(start, end)
}

/**
 * As programs print an f64 in full: up to 7 digits, a mark, 8 to 18 digits, and no exponent or one of two digits and a
 * sign (1.234567890123456789e-01); NaN for anything else. The digits after the point are taken from their end, in
 * three words, so that nothing waits for their number. Reads up to 24 bytes before `end`, wherever the number starts.
 */
function longNumber(start: usize, end: usize, powers: usize, mark: u32): f64 {
  const negative = u64(load<u8>(start) == 0x2d)
  start += usize(negative)
  const first = load<u64>(start) ^ ZEROS
  const count = usize(ctz((first | (first + BEYOND_NINE)) & HIGH_BITS)) >> 3
  if (count > 7 || u32(load<u8>(start + count)) != mark) return NaN
  const whole = count ? eightDigits(first << u64((8 - count) << 3)) : 0
  let exponent: i32 = 0
  if ((load<u8>(end - 4) | 0x20) == 0x65) {
    const sign = i32(load<u8>(end - 3)) - 0x2c
    const tens = u32(load<u8>(end - 2)) - 0x30
    const ones = u32(load<u8>(end - 1)) - 0x30
    // '+' is one below the comma, '-' one above.
    if ((sign != 1 && sign != -1) || tens > 9 || ones > 9) return NaN
    exponent = -sign * i32(tens * 10 + ones)
    end -= 4
  }
  const fraction = end - (start + count + 1)
  if (fraction - 8 > 10 || fraction + count > 19) return NaN
  const low = load<u64>(end - 8) ^ ZEROS
  let middle = load<u64>(end - 16) ^ ZEROS
  let high: u64 = 0
  if (fraction > 16) high = (load<u64>(end - 24) ^ ZEROS) & ((-1 as u64) << u64((24 - fraction) << 3))
  else {
    // Twice half the shift: all 64 bits are too many for one.
    const half = u64((16 - fraction) << 2)
    middle &= ((-1 as u64) << half) << half
  }
  if (holdsOther(low) || holdsOther(middle) || holdsOther(high)) return NaN
  const mantissa =
    whole * wholePowerOfTen(fraction) +
    eightDigits(high) * 10000000000000000 +
    eightDigits(middle) * 100000000 +
    eightDigits(low)
  return withSign(scaled(mantissa, exponent - i32(fraction), powers), negative)
}

/** Bytes → the nearest f64, or NaN where they are not a number; `mark` is the decimal mark. */
export function parseNumber(start: usize, end: usize, powers: usize, mark: u32): f64 {
  let number = shortNumber(start, end, mark)
  if (number == number) return number
  const length = end - start
  if (length > 8) {
    number = length <= 17 ? mediumNumber(start, end, mark) : NaN
    if (number != number) number = longNumber(start, end, powers, mark)
    if (number == number) return number
  }
  return anyNumber(start, end, powers, mark)
}
