/** Finding the bytes that give a CSV its structure: delimiters, line feeds and quotes, 64 bytes at a time. */

export const LINE_FEED: u32 = 0x0a
export const CARRIAGE_RETURN: u32 = 0x0d
/** Stands for a quote or comment byte that the dialect does not have: no byte equals it. */
export const NO_BYTE: u32 = 0x100

/** One bit for each of the 64 bytes from `block` on that equals one of the three; the first byte is the lowest bit. */
// @ts-ignore: decorator
@inline
export function structureOf(block: usize, delimiter: v128, quote: v128): u64 {
  const lineFeed = i8x16.splat(0x0a)
  const a = v128.load(block)
  const b = v128.load(block, 16)
  const c = v128.load(block, 32)
  const d = v128.load(block, 48)
  const inA = v128.or(v128.or(i8x16.eq(a, delimiter), i8x16.eq(a, lineFeed)), i8x16.eq(a, quote))
  const inB = v128.or(v128.or(i8x16.eq(b, delimiter), i8x16.eq(b, lineFeed)), i8x16.eq(b, quote))
  const inC = v128.or(v128.or(i8x16.eq(c, delimiter), i8x16.eq(c, lineFeed)), i8x16.eq(c, quote))
  const inD = v128.or(v128.or(i8x16.eq(d, delimiter), i8x16.eq(d, lineFeed)), i8x16.eq(d, quote))
  const low = u64(u32(i8x16.bitmask(inA)) | (u32(i8x16.bitmask(inB)) << 16))
  const high = u64(u32(i8x16.bitmask(inC)) | (u32(i8x16.bitmask(inD)) << 16))
  return low | (high << 32)
}

/** One bit for each of the 64 bytes from `block` on that equals `byte`. */
// @ts-ignore: decorator
@inline
export function bitsOf(block: usize, byte: v128): u64 {
  const a = u32(i8x16.bitmask(i8x16.eq(v128.load(block), byte)))
  const b = u32(i8x16.bitmask(i8x16.eq(v128.load(block, 16), byte)))
  const c = u32(i8x16.bitmask(i8x16.eq(v128.load(block, 32), byte)))
  const d = u32(i8x16.bitmask(i8x16.eq(v128.load(block, 48), byte)))
  return u64(a | (b << 16)) | (u64(c | (d << 16)) << 32)
}
