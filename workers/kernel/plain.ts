/**
 * The fast way for records that hold nothing unusual, which are nearly all: the right number of fields, and nothing
 * wrong with any. Anything else (blank lines and comments too) is left, untouched, to record.ts.
 *
 * Two passes over a few kilobytes: the first lists the addresses of delimiters, line feeds and quotes; the second
 * converts. Where a field ends is then known before the field ahead of it is converted, so that conversions overlap.
 * Source of the idea: G. Langdale and D. Lemire, Parsing gigabytes of JSON per second, 2019.
 */
import { Column, ColumnOp, ParseContext, ParseResult, Word } from '../layout'
import { clearRow, decimalMark, encodeCategory, encodeField, storePlainNumber } from './encode'
import { hashPosition } from './hash'
import { encodeInteractions } from './interaction'
import { parseNumber, shortNumber } from './number'
import { CARRIAGE_RETURN, LINE_FEED, NO_BYTE, skipBlanks, structureOf, trimEnd } from './scan'

/** Why plainRecords stopped, in the low bits of its result. */
export const LIST_USED: usize = 0
export const UNUSUAL: usize = 1
export const FULL: usize = 2
const WHOLE: usize = 3

/** No blank is more than this. */
const SPACE: u32 = 0x20

/** Bytes that listStructure may write behind the list. */
export const LIST_MARGIN: usize = 256

/** Writes the address of every structural byte from `from` to `to`; returns the end of the list. */
export function listStructure(from: usize, to: usize, delimiter: u32, quote: u32, list: usize): usize {
  const delimiters = i8x16.splat(u8(delimiter))
  // Without quoting the delimiter is looked for twice.
  const quotes = i8x16.splat(u8(quote == NO_BYTE ? delimiter : quote))
  for (let block = from; block < to; block += 64) {
    let bits = structureOf(block, delimiters, quotes)
    if (block + 64 > to) bits &= ((1 as u64) << u64(to - block)) - 1
    const count = usize(popcnt(bits))
    // Four, then eight more, whatever the count: fewer branches to guess wrong.
    let at = list
    for (let i = 0; i < 4; ++i) {
      store<u32>(at + (i << 2), u32(block) + u32(ctz(bits)))
      bits &= bits - 1
    }
    if (count > 4) {
      for (let i = 4; i < 12; ++i) {
        store<u32>(at + (i << 2), u32(block) + u32(ctz(bits)))
        bits &= bits - 1
      }
      at += 48
      while (bits) {
        store<u32>(at, u32(block) + u32(ctz(bits)))
        bits &= bits - 1
        at += 4
      }
    }
    list += count << 2
  }
  return list
}

/** Whether nothing lies between a closing quote and the delimiter or line feed at `at` but blanks, and the rest of a line break. */
// @ts-ignore: decorator
@inline
function endsQuoted(behind: usize, at: usize, delimiter: u32, ofRecord: bool): bool {
  if (behind == at) return true
  behind = skipBlanks(behind, at, delimiter)
  return behind == at || (ofRecord && behind + 1 == at && load<u8>(behind) == CARRIAGE_RETURN)
}

/**
 * Encodes records from ParseResult.Consumed on, and moves it, Rows and ValidationRows on, until the list is used up,
 * the rows are full or a record is unusual. Returns the place in the list of the first record left, and why it stopped.
 */
export function plainRecords(
  context: usize, bytes: usize, list: usize, listEnd: usize, position: u64, rows: usize, capacityRows: u32,
  result: usize, numericTokens: bool, scratch: usize,
): usize {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const columns = usize(load<u32>(context, ParseContext.Columns))
  const program = usize(load<u32>(context, ParseContext.Program))
  const last = program + (columns - 1) * Column.SIZE
  const stride = usize(load<u32>(context, ParseContext.Stride))
  const powers = load<u32>(context, ParseContext.Powers)
  const mark = decimalMark(context)
  const threshold = load<u32>(context, ParseContext.ValidationThreshold)
  const interactions = load<u32>(context, ParseContext.InteractionCount)
  // Where a token is a number, every number takes the slow way.
  const plainOp: u32 = numericTokens ? 0xffffffff : ColumnOp.Number

  let trained = load<u32>(result, ParseResult.Rows)
  let heldOut = load<u32>(result, ParseResult.ValidationRows)
  let record = bytes + load<u32>(result, ParseResult.Consumed)
  let status = LIST_USED
  while (true) {
    if (trained + heldOut >= capacityRows) {
      status = FULL
      break
    }
    if (list + (columns << 2) > listEnd) {
      status = LIST_USED
      break
    }
    const first = u32(load<u8>(record))
    if (first == comment || first == LINE_FEED || first == CARRIAGE_RETURN) {
      status = UNUSUAL
      break
    }
    let validation = false
    let slot = trained
    if (threshold) {
      const seed = load<u32>(context, ParseContext.ValidationSeed)
      validation = hashPosition(seed, position + u64(record - bytes)) < threshold
      if (validation && load<u32>(context, ParseContext.KeepValidation)) slot = capacityRows - 1 - heldOut
    }
    const row = rows + usize(slot) * stride
    clearRow(row, stride, load<u32>(context, ParseContext.WeightWord))
    const unseen = load<u32>(result, ParseResult.Unseen)

    let next = list
    let start = record
    let column = program
    while (true) {
      // Numbers without quotes, and skipped columns, one after the other. No calls in this loop: they would cost it
      // its registers.
      let at = usize(load<u32>(next))
      while (column != last && load<u8>(at) == delimiter) {
        const op = load<u32>(column, Column.Op)
        if (op == plainOp) {
          const number = shortNumber(start, at, mark)
          if (number != number || !storePlainNumber(column, row, number)) break
        } else if (op != ColumnOp.Skip) break
        start = at + 1
        next += 4
        column += Column.SIZE
        at = usize(load<u32>(next))
      }
      // A field of another kind, or the last.
      let from = start
      let to = at
      let doubled = false
      let closed = false
      next += 4
      const expected = column == last ? LINE_FEED : delimiter
      const byte = u32(load<u8>(at))
      if (byte != expected) {
        if (at != start) from = skipBlanks(start, at, delimiter)
        if (byte != quote || from != at) {
          status = UNUSUAL
          break
        }
        from += 1
        const room = listEnd - 8 - ((last - column) >> 4)
        // Mostly the closing quote and a delimiter are next, and the value is a plain number.
        if (column != last && next <= room && load<u32>(column, Column.Op) == plainOp) {
          to = usize(load<u32>(next))
          at = usize(load<u32>(next, 4))
          if (at == to + 1 && load<u8>(to) == quote && load<u8>(at) == delimiter) {
            const number = shortNumber(from, to, mark)
            if (number == number && storePlainNumber(column, row, number)) {
              start = at + 1
              next += 8
              column += Column.SIZE
              continue
            }
          }
        }
        // The closing quote: delimiters and line feeds before it are data, and so are doubled quotes.
        while (next <= room) {
          to = usize(load<u32>(next))
          at = usize(load<u32>(next, 4))
          next += 4
          if (load<u8>(to) != quote) continue
          if (at != to + 1 || load<u8>(at) != quote) {
            closed = true
            break
          }
          doubled = true
          next += 4
        }
        if (!closed) {
          status = LIST_USED
          break
        }
        next += 4
        if (load<u8>(at) != expected || !endsQuoted(to + 1, at, delimiter, column == last)) {
          status = UNUSUAL
          break
        }
      } else {
        if (column == last && to > from && load<u8>(to - 1) == CARRIAGE_RETURN) to -= 1
        if (u32(load<u8>(from) <= SPACE) | u32(load<u8>(to - 1) <= SPACE)) {
          from = skipBlanks(from, to, delimiter)
          to = trimEnd(from, to)
          // A line of nothing but blanks.
          if (from == to && program == last) {
            status = UNUSUAL
            break
          }
        }
      }
      const op = load<u32>(column, Column.Op)
      if (op != ColumnOp.Skip) {
        if (op == ColumnOp.Category && !doubled && load<u32>(column, Column.Part) == Word.None) {
          encodeCategory(context, column, row, from, to, result)
        } else {
          const number = op == plainOp && from != to ? parseNumber(from, to, powers, mark) : NaN
          if (number != number || !storePlainNumber(column, row, number)) {
            if (encodeField(context, column, row, from, to, doubled, numericTokens, scratch, result)) {
              status = UNUSUAL
              break
            }
          }
        }
      }
      start = at + 1
      if (column == last) {
        status = WHOLE
        break
      }
      column += Column.SIZE
    }
    if (status != WHOLE) {
      store<u32>(result, unseen, ParseResult.Unseen)
      break
    }
    if (interactions) encodeInteractions(context, row, scratch, result)
    list = next
    record = start
    if (validation) {
      heldOut += 1
      if (!load<u32>(context, ParseContext.KeepValidation)) store<u32>(result, unseen, ParseResult.Unseen)
    } else trained += 1
  }
  store<u32>(result, u32(record - bytes), ParseResult.Consumed)
  store<u32>(result, trained, ParseResult.Rows)
  store<u32>(result, heldOut, ParseResult.ValidationRows)
  return list | status
}
