/** Where records begin: for lanes, which start anywhere in a file, and for streams. See ParseKernel. */
import { Ends, ParseContext } from '../layout'
import {
  LINE_FEED,
  NOT_WHOLE,
  NO_BYTE,
  TEXT_AFTER_QUOTE,
  UNTERMINATED,
  bitsOf,
  closingQuote,
  fieldEnd,
  measureRecord,
  skipBlanks,
  skipEmptyLines,
} from './scan'

export function nextRecord(context: usize, bytes: usize, length: usize, ends: u32): usize {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const limit = bytes + length
  const record = skipEmptyLines(bytes, limit, delimiter, comment)
  if (record == limit) return 0
  const measured = measureRecord(record, limit, ends == Ends.Data, delimiter, quote)
  return u32(measured >> 32) == NOT_WHOLE ? 0 : usize(u32(measured)) - bytes
}

export function findBorder(
  context: usize, bytes: usize, length: usize, ends: u32, inside: u32, records: u32,
): i32 {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const columns = load<u32>(context, ParseContext.Columns)
  const limit = bytes + length
  let at = bytes
  if (inside) {
    const closing = closingQuote(bytes, limit, quote)
    if (closing & UNTERMINATED) return -1
    // From the closing quote on it reads like the end of a quoted field with an empty value.
    const behind = skipBlanks(usize(u32(closing)) + 1, limit, delimiter)
    at = behind
    if (behind < limit) {
      const byte = u32(load<u8>(behind))
      const broken = byte == 0x0d && behind + 1 < limit && load<u8>(behind + 1) == LINE_FEED
      if (byte != delimiter && byte != LINE_FEED && !broken) return -1
    }
  }
  while (true) {
    const field = fieldEnd(at, limit, delimiter, quote, false)
    at = usize(u32(field))
    if (field & (UNTERMINATED | TEXT_AFTER_QUOTE) || at >= limit) return -1
    at += 1
    if (load<u8>(at - 1) == LINE_FEED) break
  }
  const border = at
  for (let checked: u32 = 0; checked < records; ++checked) {
    at = skipEmptyLines(at, limit, delimiter, comment)
    const measured = at < limit ? measureRecord(at, limit, ends == Ends.Data, delimiter, quote) : u64(NOT_WHOLE) << 32
    const fields = u32(measured >> 32)
    if (fields == NOT_WHOLE) return checked ? i32(border - bytes) : -1
    if (fields != columns) return -1
    at = usize(u32(measured))
  }
  return i32(border - bytes)
}

/** Bit i = parity of the bits 0 … i. */
// @ts-ignore: decorator
@inline
function prefixParity(bits: u64): u64 {
  bits ^= bits << 1
  bits ^= bits << 2
  bits ^= bits << 4
  bits ^= bits << 8
  bits ^= bits << 16
  return bits ^ (bits << 32)
}

export function lastBorder(bytes: usize, length: usize, quote: u32): usize {
  const limit = bytes + length
  const lineFeeds = i8x16.splat(0x0a)
  const quotes = i8x16.splat(u8(quote))
  let last: usize = 0
  // All ones while the bytes so far leave a quote open.
  let open: u64 = 0
  for (let block = bytes; block < limit; block += 64) {
    const valid = block + 64 <= limit ? (-1 as u64) : ((1 as u64) << u64(limit - block)) - 1
    let outside = bitsOf(block, lineFeeds) & valid
    if (quote) {
      const marks = bitsOf(block, quotes) & valid
      const within = marks ? prefixParity(marks) ^ open : open
      outside &= ~within
      open = u64(i64(within) >> 63)
    }
    if (outside) last = block + 64 - usize(clz(outside)) - bytes
  }
  return last
}

export function countLines(bytes: usize, length: usize): u32 {
  const limit = bytes + length
  const lineFeeds = i8x16.splat(0x0a)
  let lines: u64 = 0
  let block = bytes
  for (; block + 64 <= limit; block += 64) lines += popcnt(bitsOf(block, lineFeeds))
  if (block < limit) lines += popcnt(bitsOf(block, lineFeeds) & (((1 as u64) << u64(limit - block)) - 1))
  return u32(lines)
}
