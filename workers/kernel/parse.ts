/** Bytes → encoded rows. Readable twin: src/schema/reference-parser.ts. */
import { BadRows, ParseContext, ParseResult } from '../layout'
import { tokensHoldNumber } from './encode'
import { findGrown } from './grown'
import { FULL, LIST_MARGIN, LIST_USED, listStructure, plainRecords } from './plain'
import { anyRecord } from './record'
import { NO_BYTE } from './scan'
import { firstInvalid, isAscii, isUtf8 } from './utf8'

/** Bytes listed at a time: they and their list stay in the first-level cache. */
const MOST_LISTED: usize = 8192
/** Below this many bytes to list at a time, a list does not pay. */
const LEAST_LISTED: usize = 128

/**
 * Bytes to list at a time. The list takes up to four bytes for each, in the upper half of `scratch`; the lower half is
 * for values with doubled quotes.
 */
function listedBytes(length: usize): usize {
  if (length < 2 * (LIST_MARGIN + 4 * LEAST_LISTED)) return 0
  const most = ((length >> 1) - LIST_MARGIN) >> 2
  return most < MOST_LISTED ? most : MOST_LISTED
}

/** Where the bytes stop being UTF-8, or `to`; where more follow, a character that `to` cuts is not held against them. */
function validUpTo(from: usize, to: usize, limit: usize): usize {
  let end = to
  while (to < limit && end > to - 3 && (load<u8>(end) & 0xc0) == 0x80) end -= 1
  return isUtf8(from, end) ? to : firstInvalid(from, end)
}

/** See workers/kernel.ts (ParseKernel). */
export function parseBlock(
  context: usize, bytes: usize, length: usize, ends: u32, position: f64, rows: usize, capacityRows: u32,
  result: usize, scratch: usize,
): void {
  const unseen = load<u32>(result, ParseResult.Unseen)
  parseRecords(context, bytes, length, ends, position, rows, capacityRows, result, scratch)
  findGrown(context, unseen, result, rows)
}

function parseRecords(
  context: usize, bytes: usize, length: usize, ends: u32, position: f64, rows: usize, capacityRows: u32,
  result: usize, scratch: usize,
): void {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const numericTokens = tokensHoldNumber(context)
  const first = u64(position)
  const limit = bytes + length
  const half = length >> 1
  const step = listedBytes(length)
  const list = (scratch + half + 3) & ~3

  store<u32>(result, 0, ParseResult.Consumed)
  store<u32>(result, 0, ParseResult.Rows)
  store<u32>(result, 0, ParseResult.ValidationRows)
  store<u32>(result, 0, ParseResult.BadRows)
  // The bytes listed, and the part of the list that is not used yet.
  let from: usize = 0
  let to = bytes
  let next = list
  let listEnd = list
  let record = bytes
  while (load<u32>(result, ParseResult.Rows) + load<u32>(result, ParseResult.ValidationRows) < capacityRows) {
    if (step) {
      while (next < listEnd && usize(load<u32>(next)) < record) next += 4
      const stopped = plainRecords(
        context, bytes, next, listEnd, first, rows, capacityRows, result, numericTokens, scratch,
      )
      if ((stopped & 3) == FULL) return
      next = stopped & ~3
      record = bytes + load<u32>(result, ParseResult.Consumed)
      // A record longer than what is listed at a time is read the other way.
      if ((stopped & 3) == LIST_USED && to < limit && record != from) {
        from = record
        to = limit - record < step ? limit : record + step
        next = list
        listEnd = listStructure(from, to, delimiter, quote, list)
        if (!isAscii(from, to)) {
          const valid = validUpTo(from, to, limit)
          // The record that is not UTF-8 is read the other way, and the rest listed again.
          if (valid < to) {
            to = valid
            while (listEnd > list && usize(load<u32>(listEnd - 4)) > valid) listEnd -= 4
          }
        }
        continue
      }
    }
    const more = anyRecord(
      context, bytes, length, ends, first, rows, capacityRows, result, numericTokens, scratch,
    )
    if (!more || load<u32>(result, ParseResult.BadRows) == BadRows.Capacity) return
    const before = record
    record = bytes + load<u32>(result, ParseResult.Consumed)
    // One of its values may have been written over the list.
    if (record - before > half) {
      from = 0
      to = record
      next = list
      listEnd = list
    }
  }
}
