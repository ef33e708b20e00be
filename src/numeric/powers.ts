/**
 * The table of powers of ten that workers/kernel/number.ts reads (its argument `powers`).
 *
 * Smallest and largest exponent as i32, eight bytes unused, then for each exponent q the 128 leading bits of 5^q, the
 * upper u64 first, little-endian: 5^q · 2^k with 2^127 ≤ 5^q · 2^k < 2^128, cut off for q ≥ 0 and rounded up for q < 0.
 * Source: D. Lemire, Number parsing at a gigabyte per second, 2021.
 */

/** Between these exponents a mantissa below 2^64 can give neither a subnormal f64 nor an infinite one. */
export const SMALLEST_POWER = -280
export const LARGEST_POWER = 280

const HEADER_BYTES = 16
const ENTRY_BYTES = 16

/** Bytes of the table; it is placed at a multiple of 8. */
export const POWERS_BYTES = HEADER_BYTES + (LARGEST_POWER - SMALLEST_POWER + 1) * ENTRY_BYTES

/** The 128 leading bits of 5^exponent. */
export function leadingBits(exponent: number): bigint {
  const power = 5n ** BigInt(Math.abs(exponent))
  const length = BigInt(power.toString(2).length)
  if (exponent >= 0) return length <= 128n ? power << (128n - length) : power >> (length - 128n)
  // 2^(length + 127) / 5^|q| lies between 2^127 and 2^128: a power of five is no power of two.
  return (1n << (length + 127n)) / power + 1n
}

/** The table as bytes, to be copied into the shared memory once; takes about a millisecond. */
export function powersOfTen(): Uint8Array {
  const table = new DataView(new ArrayBuffer(POWERS_BYTES))
  table.setInt32(0, SMALLEST_POWER, true)
  table.setInt32(4, LARGEST_POWER, true)
  for (let exponent = SMALLEST_POWER; exponent <= LARGEST_POWER; exponent += 1) {
    const bits = leadingBits(exponent)
    const entry = HEADER_BYTES + (exponent - SMALLEST_POWER) * ENTRY_BYTES
    table.setBigUint64(entry, bits >> 64n, true)
    table.setBigUint64(entry + 8, bits & 0xffffffffffffffffn, true)
  }
  return new Uint8Array(table.buffer)
}
