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

// @ts-ignore: decorator
@inline
export function isBlank(byte: u32): bool {
  return byte == 0x20 || byte == 0x09
}

/** The first byte from `at` on that is no blank, or `limit`; the delimiter is none, though it may be a tab. */
// @ts-ignore: decorator
@inline
export function skipBlanks(at: usize, limit: usize, delimiter: u32): usize {
  while (at < limit && isBlank(load<u8>(at)) && u32(load<u8>(at)) != delimiter) at += 1
  return at
}

/** The end of what lies between `start` and `end` without the blanks behind it. */
// @ts-ignore: decorator
@inline
export function trimEnd(start: usize, end: usize): usize {
  while (end > start && isBlank(load<u8>(end - 1))) end -= 1
  return end
}

/** What fieldEnd packs above the address, and how. */
export const QUOTED: u64 = 1 << 32
export const DOUBLED: u64 = 1 << 33
/** Something other than a delimiter or a line break follows the closing quote. */
export const TEXT_AFTER_QUOTE: u64 = 1 << 34
/** The limit came inside quotes. */
export const UNTERMINATED: u64 = 1 << 35

/** The first byte from `at` on that equals one of two, or `limit`. */
// @ts-ignore: decorator
@inline
function findEither(at: usize, limit: usize, one: u32, other: u32): usize {
  const ones = i8x16.splat(u8(one))
  const others = i8x16.splat(u8(other))
  for (; at < limit; at += 16) {
    const bytes = v128.load(at)
    const found = i8x16.bitmask(v128.or(i8x16.eq(bytes, ones), i8x16.eq(bytes, others)))
    if (found) {
      at += usize(ctz(found))
      return at < limit ? at : limit
    }
  }
  return limit
}

/** The quote that closes, searched from the first byte inside; bit 32 … are flags of fieldEnd, the rest its address. */
export function closingQuote(at: usize, limit: usize, quote: u32): u64 {
  let flags = QUOTED
  while (true) {
    at = findEither(at, limit, quote, quote)
    if (at >= limit) return flags | UNTERMINATED | u64(limit)
    if (at + 1 >= limit || load<u8>(at + 1) != quote) return flags | u64(at)
    flags |= DOUBLED
    at += 2
  }
}

/** From behind a fault of quoting: the next delimiter or line feed where quotes only open and close, or `limit`. */
function afterFault(at: usize, limit: usize, delimiter: u32, quote: u32): usize {
  let inside = false
  for (; at < limit; ++at) {
    const byte = u32(load<u8>(at))
    if (byte == quote) inside = !inside
    else if (!inside && (byte == delimiter || byte == LINE_FEED)) return at
  }
  return limit
}

/**
 * Where a field ends that starts at `start`: the address of its delimiter or line feed, or `limit`, and flags.
 * `fault` says that quotes only open and close from here on, because of a fault earlier in the record.
 */
export function fieldEnd(start: usize, limit: usize, delimiter: u32, quote: u32, fault: bool): u64 {
  if (fault) return u64(afterFault(start, limit, delimiter, quote)) | TEXT_AFTER_QUOTE
  start = skipBlanks(start, limit, delimiter)
  if (start >= limit || load<u8>(start) != quote) return u64(findEither(start, limit, delimiter, LINE_FEED))
  const closing = closingQuote(start + 1, limit, quote)
  if (closing & UNTERMINATED) return closing
  const behind = skipBlanks(usize(u32(closing)) + 1, limit, delimiter)
  const flags = closing & ~(0xffffffff as u64)
  if (behind >= limit) return flags | u64(limit)
  const byte = u32(load<u8>(behind))
  if (byte == delimiter || byte == LINE_FEED) return flags | u64(behind)
  if (byte == CARRIAGE_RETURN) {
    if (behind + 1 >= limit) return flags | u64(limit)
    if (load<u8>(behind + 1) == LINE_FEED) return flags | u64(behind + 1)
  }
  return u64(afterFault(behind, limit, delimiter, quote)) | TEXT_AFTER_QUOTE
}

/** First byte of the value of a field that fieldEnd has measured. */
// @ts-ignore: decorator
@inline
export function valueStart(start: usize, delimiter: u32, field: u64): usize {
  const first = skipBlanks(start, usize(u32(field)), delimiter)
  return field & QUOTED ? first + 1 : first
}

/** First byte after the value that starts at `value`; `limit` counts as a line break. */
// @ts-ignore: decorator
@inline
export function valueEnd(value: usize, limit: usize, delimiter: u32, field: u64): usize {
  const end = usize(u32(field))
  const broken = end == limit || load<u8>(end) != delimiter
  const shorter = end - usize(broken && end > value && load<u8>(end - 1) == CARRIAGE_RETURN)
  if (field & UNTERMINATED) return shorter
  const trimmed = trimEnd(value, shorter)
  return field & QUOTED ? trimmed - 1 : trimmed
}

/** First byte of the next record that is neither an empty line, blanks or none, nor a comment, or `limit` where only those are left. */
export function skipEmptyLines(at: usize, limit: usize, delimiter: u32, comment: u32): usize {
  while (at < limit) {
    const line = at
    if (u32(load<u8>(at)) == comment) at = findEither(at, limit, LINE_FEED, LINE_FEED)
    else {
      at = skipBlanks(at, limit, delimiter)
      if (at < limit && load<u8>(at) == CARRIAGE_RETURN) at += 1
      if (at < limit && load<u8>(at) != LINE_FEED) return line
    }
    if (at < limit) at += 1
  }
  return limit
}

/** What measureRecord found, in the upper half of its result. */
export const NOT_WHOLE: u32 = 0xffffffff
export const FAULTY: u32 = 0xfffffffe

/**
 * Measures the record at `record`: the number of its fields (or NOT_WHOLE, or FAULTY where its quoting is) in the upper
 * 32 bits, the first byte after its line break in the lower. `final` says that `limit` is the end of the data.
 */
export function measureRecord(record: usize, limit: usize, final: bool, delimiter: u32, quote: u32): u64 {
  let fields: u32 = 0
  let fault = false
  let at = record
  while (true) {
    const field = fieldEnd(at, limit, delimiter, quote, fault)
    fields += 1
    at = usize(u32(field))
    if (field & TEXT_AFTER_QUOTE) fault = true
    if (at >= limit) {
      if (!final) return (u64(NOT_WHOLE) << 32) | u64(limit)
      return (u64(fault || field & UNTERMINATED ? FAULTY : fields) << 32) | u64(limit)
    }
    at += 1
    if (load<u8>(at - 1) == LINE_FEED) return (u64(fault ? FAULTY : fields) << 32) | u64(at)
  }
}
