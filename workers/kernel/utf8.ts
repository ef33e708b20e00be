/**
 * Whether bytes are UTF-8 (RFC 3629). Readable twin: isUtf8 of node:buffer.
 *
 * Sixteen bytes at a time: three tables, one for each half of the byte before and one for the upper half of the byte,
 * say which errors the two bytes together may be; what all three say is one. Source: J. Keiser and D. Lemire, Validating
 * UTF-8 in less than one instruction per byte, 2021.
 */

const TOO_SHORT: u8 = 1
const TOO_LONG: u8 = 1 << 1
const OVERLONG_3: u8 = 1 << 2
const TOO_LARGE: u8 = 1 << 3
const SURROGATE: u8 = 1 << 4
const OVERLONG_2: u8 = 1 << 5
/** Beyond U+10FFFF by a second byte of 0x80 … 0x8f, and, of another first byte, four bytes that are too many. */
const OVERLONG_4: u8 = 1 << 6
/** Two continuations in a row: an error unless a byte further back asks for them. */
const TWO_CONTINUATIONS: u8 = 1 << 7
/** Errors that the lower half of the first byte does not bear on. */
const ANY: u8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS
const LARGE: u8 = ANY | TOO_LARGE | OVERLONG_4

// @ts-ignore: decorator
@inline
function byUpperHalfBefore(): v128 {
  return i8x16(
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
    TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | OVERLONG_4,
  )
}

// @ts-ignore: decorator
@inline
function byLowerHalfBefore(): v128 {
  return i8x16(
    ANY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY | OVERLONG_2, ANY, ANY,
    ANY | TOO_LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE | SURROGATE, LARGE, LARGE,
  )
}

// @ts-ignore: decorator
@inline
function byUpperHalf(): v128 {
  return i8x16(
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | OVERLONG_4,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | SURROGATE | TOO_LARGE,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  )
}

/** A bit of each byte is set where it is at fault; `before` are the sixteen bytes before. */
// @ts-ignore: decorator
@inline
function faults(before: v128, bytes: v128): v128 {
  const one = i8x16.shuffle(before, bytes, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
  const two = i8x16.shuffle(before, bytes, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
  const three = i8x16.shuffle(before, bytes, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28)
  const pairs = v128.and(
    v128.and(
      i8x16.swizzle(byUpperHalfBefore(), i8x16.shr_u(one, 4)),
      i8x16.swizzle(byLowerHalfBefore(), v128.and(one, i8x16.splat(0x0f))),
    ),
    i8x16.swizzle(byUpperHalf(), i8x16.shr_u(bytes, 4)),
  )
  // The third and fourth bytes of a character, and no others, are continuations after a continuation.
  const asked = v128.or(
    i8x16.sub_sat_u(two, i8x16.splat(i8(0xe0 - 0x80))),
    i8x16.sub_sat_u(three, i8x16.splat(i8(0xf0 - 0x80))),
  )
  return v128.xor(v128.and(asked, i8x16.splat(i8(0x80))), pairs)
}

/** The bytes from `at` on, zeros from `to` on. */
// @ts-ignore: decorator
@inline
function bytesUpTo(at: usize, to: usize): v128 {
  const bytes = v128.load(at)
  if (at + 16 <= to) return bytes
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  return v128.and(bytes, i8x16.lt_u(places, i8x16.splat(u8(to - at))))
}

/** Whether no byte has its highest bit set. May read up to 16 bytes past `to`, and so may isUtf8. */
export function isAscii(from: usize, to: usize): bool {
  let seen = i8x16.splat(0)
  let at = from
  for (; at + 64 <= to; at += 64) {
    const low = v128.or(v128.load(at), v128.load(at, 16))
    seen = v128.or(seen, v128.or(low, v128.or(v128.load(at, 32), v128.load(at, 48))))
  }
  for (; at < to; at += 16) seen = v128.or(seen, bytesUpTo(at, to))
  return !i8x16.bitmask(seen)
}

export function isUtf8(from: usize, to: usize): bool {
  let before = i8x16.splat(0)
  let found = i8x16.splat(0)
  // Zeros follow the last byte, if need be in a round of their own: a character that is cut off shows there.
  for (let at = from; at <= to; at += 16) {
    const bytes = bytesUpTo(at, to)
    if (i8x16.bitmask(v128.or(before, bytes))) found = v128.or(found, faults(before, bytes))
    before = bytes
  }
  return !v128.any_true(found)
}

// @ts-ignore: decorator
@inline
function continues(at: usize, to: usize, least: u32, most: u32): bool {
  return at < to && u32(load<u8>(at)) - least <= most - least
}

/** Bytes of the character at `at`, 0 where there is none (RFC 3629, section 4). */
function characterLength(at: usize, to: usize): usize {
  const first = u32(load<u8>(at))
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  // A second byte outside these would make it overlong, a surrogate or too large.
  const least: u32 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80
  const most: u32 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf
  if (!continues(at + 1, to, least, most)) return 0
  if (first < 0xe0) return 2
  if (!continues(at + 2, to, 0x80, 0xbf)) return 0
  if (first < 0xf0) return 3
  return continues(at + 3, to, 0x80, 0xbf) ? 4 : 0
}

/** The first byte of the first character that is not UTF-8, or `to`. */
export function firstInvalid(from: usize, to: usize): usize {
  let at = from
  while (at < to) {
    const length = characterLength(at, to)
    if (!length) return at
    at += length
  }
  return to
}
