/** The words of a boolean: true, yes, t and false, no, f in any case. Readable twin: src/schema/booleans.ts. */

/** The bit that makes an ASCII letter small. It makes a letter only of a letter: 0x41 … 0x5a, 0x61 … 0x7a. */
const SMALL: u64 = 0x2020202020202020
const ALL: u64 = -1

/** The words as u64, the first letter in the lowest byte. */
const T: u64 = 0x74
const F: u64 = 0x66
const NO: u64 = 0x6f6e
const YES: u64 = 0x736579
const TRUE: u64 = 0x65757274
const FALSE: u64 = 0x65736c6166

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09
}

/**
 * 1 or 0, NaN where the bytes, but for blanks around them, are no word of a boolean. May read up to 8 bytes past `end`;
 * they do not change the result.
 */
export function truthOf(start: usize, end: usize): f64 {
  while (start < end && isBlank(load<u8>(start))) start += 1
  while (start < end && isBlank(load<u8>(end - 1))) end -= 1
  const length = end - start
  if (length - 1 > 4) return NaN
  const word = (load<u64>(start) | SMALL) & (ALL >> u64((8 - length) << 3))
  if (word == TRUE || word == YES || word == T) return 1
  if (word == FALSE || word == NO || word == F) return 0
  return NaN
}
