/**
 * Bytes → encoded rows, in one pass. Readable twin: src/schema/reference-parser.ts.
 *
 * A bit mask of delimiters, line feeds and quotes is made for 64 bytes at a time, and its bits are taken one by one:
 * where a field ends is then known without waiting for the field before it to be converted, so that the conversions
 * overlap. (G. Langdale and D. Lemire, Parsing gigabytes of JSON per second, 2019.)
 *
 * A value's words are written as its field ends. The row is counted at the end of its record; the row of a bad record,
 * or one held out and not kept, is written over by the next.
 */
import { BadReason, BadRow, BadRows, Column, ColumnOp, Ends, ParseContext, ParseResult, Word } from '../layout'
import { encodeField, storeNumber, tokensHoldNumber } from './encode'
import { hashPosition } from './hash'
import { shortNumber } from './number'
import { CARRIAGE_RETURN, LINE_FEED, NO_BYTE, structureOf } from './scan'

/** Where the parser stands within a field. */
enum State {
  /** Outside quotes: at the first byte of a field, or in one that does not start with a quote. */
  Plain,
  Quoted,
  /** The next structural byte is the second of a doubled quote. */
  Pair,
  /** Behind the closing quote. */
  Closed,
  /** After a fault of quoting, to the end of the record: quotes only open and close. */
  Outside,
  Inside,
  Comment,
}

/** Writes the fault of a record into the next free BadRow. */
function noteFault(entry: usize, reason: i32, column: u32, field: u32, fieldLength: u32): i32 {
  store<u32>(entry, reason, BadRow.Reason)
  store<u32>(entry, column, BadRow.Column)
  store<u32>(entry, field, BadRow.Field)
  store<u32>(entry, fieldLength, BadRow.FieldLength)
  return reason
}

/** Adds what is known only at the end of the record. */
function closeFault(entry: usize, record: u32, recordLength: u32, fields: u32): void {
  store<u32>(entry, record, BadRow.Record)
  store<u32>(entry, recordLength, BadRow.RecordLength)
  store<u32>(entry, fields, BadRow.Fields)
}

/** All words 0, the weight 1. */
// @ts-ignore: decorator
@inline
function clearRow(row: usize, stride: usize, weightWord: u32): void {
  const end = row + stride
  for (let at = row; at < end; at += 16) v128.store(at, i64x2.splat(0))
  if (weightWord != Word.None) store<f32>(row + (usize(weightWord) << 2), 1)
}

/** See workers/kernel.ts (ParseKernel). */
export function parseBlock(
  context: usize,
  bytes: usize,
  length: usize,
  ends: u32,
  position: f64,
  rows: usize,
  capacityRows: u32,
  result: usize,
  scratch: usize,
): void {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const columns = load<u32>(context, ParseContext.Columns)
  const program = usize(load<u32>(context, ParseContext.Program))
  const programEnd = program + usize(columns) * Column.SIZE
  const stride = usize(load<u32>(context, ParseContext.Stride))
  const weightWord = load<u32>(context, ParseContext.WeightWord)
  const threshold = load<u32>(context, ParseContext.ValidationThreshold)
  const seed = load<u32>(context, ParseContext.ValidationSeed)
  const keep = load<u32>(context, ParseContext.KeepValidation) != 0
  const numericTokens = tokensHoldNumber(context)
  const delimiters = i8x16.splat(u8(delimiter))
  // Without quoting the delimiter is looked for twice.
  const quotes = i8x16.splat(u8(quote == NO_BYTE ? delimiter : quote))
  const limit = bytes + length
  // At the end of the data a line feed is taken to stand at `limit`.
  const stop = ends == Ends.Data ? limit + 1 : limit

  let trained: u32 = 0
  let heldOut: u32 = 0
  let bad: u32 = 0
  let entry = result + ParseResult.Bad

  let record = bytes
  let start = bytes
  let column = program
  let state = State.Plain
  let doubled = false
  let close: usize = 0
  let row: usize = 0
  let validation = false
  let fault: i32 = 0
  let faultOpen = false

  let block = bytes - 64
  let mask: u64 = 0
  while (capacityRows) {
    if (!mask) {
      block += 64
      if (block >= stop) break
      mask = structureOf(block, delimiters, quotes)
      if (block + 64 > limit) {
        const inside = u64(limit - block)
        mask &= ((1 as u64) << inside) - 1
        if (stop != limit) mask |= (1 as u64) << inside
      }
      continue
    }
    const at = block + usize(ctz(mask))
    mask &= mask - 1
    const byte = at == limit ? LINE_FEED : u32(load<u8>(at))
    let from = start
    let to = at
    let quoted = false
    if (u32(byte == quote) | state) {
      if (state == State.Plain) {
        // A quote further on in a field is data.
        if (at == start) {
          state = State.Quoted
          doubled = false
        }
        continue
      }
      if (state == State.Quoted) {
        if (byte != quote) continue
        if (at + 1 < limit && load<u8>(at + 1) == quote) {
          doubled = true
          state = State.Pair
        } else {
          close = at
          state = State.Closed
        }
        continue
      }
      if (state == State.Pair) {
        state = State.Quoted
        continue
      }
      if (state == State.Comment) {
        if (byte != LINE_FEED) continue
        start = record = at < limit ? at + 1 : limit
        state = State.Plain
        continue
      }
      if (state == State.Closed) {
        const broken = byte == LINE_FEED && at == close + 2 && load<u8>(close + 1) == CARRIAGE_RETURN
        if (at == close + 1 || broken) {
          state = State.Plain
          quoted = true
          from = start + 1
          to = close
        } else {
          state = State.Outside
          if (!fault && column < programEnd) {
            const index = u32((column - program) / Column.SIZE)
            fault = noteFault(entry, BadReason.TextAfterQuote, index, u32(start - bytes), 0)
            faultOpen = true
          }
        }
      }
      if (state == State.Inside) {
        if (byte == quote) state = State.Outside
        continue
      }
      if (state == State.Outside && byte == quote) {
        state = State.Inside
        continue
      }
    }

    if (byte != delimiter && !quoted && to > from && load<u8>(to - 1) == CARRIAGE_RETURN) to -= 1
    const rawEnd = quoted ? close + 1 : to
    if (column == program && state == State.Plain) {
      const commented = load<u8>(record) == comment
      if (commented || (byte != delimiter && to == from && !quoted)) {
        if (byte == delimiter) state = State.Comment
        else start = record = at < limit ? at + 1 : limit
        continue
      }
      validation = threshold != 0 && hashPosition(seed, u64(position) + u64(record - bytes)) < threshold
      row = rows + usize(validation && keep ? capacityRows - 1 - heldOut : trained) * stride
      clearRow(row, stride, weightWord)
    }
    if (column >= programEnd) {
      if (!fault) fault = noteFault(entry, BadReason.TooManyFields, columns, u32(start - bytes), u32(rawEnd - start))
    } else if (state == State.Plain) {
      const op = load<u32>(column, Column.Op)
      if (op != ColumnOp.Skip) {
        const number = op == ColumnOp.Number && !numericTokens ? shortNumber(from, to) : NaN
        const reason =
          number == number
            ? storeNumber(column, row, number)
            : encodeField(context, column, row, from, to, quoted && doubled, numericTokens, scratch)
        if (reason && !fault) {
          const index = u32((column - program) / Column.SIZE)
          fault = noteFault(entry, reason, index, u32(start - bytes), u32(rawEnd - start))
        }
      }
    } else if (faultOpen) {
      store<u32>(entry, u32(rawEnd - start), BadRow.FieldLength)
      faultOpen = false
    }
    column += Column.SIZE
    start = at + 1
    if (byte == delimiter) continue

    const fields = u32((column - program) / Column.SIZE)
    if (!fault && fields < columns) fault = noteFault(entry, BadReason.TooFewFields, fields, u32(rawEnd - bytes), 0)
    if (fault) {
      closeFault(entry, u32(record - bytes), u32(rawEnd - record), fields)
      entry += BadRow.SIZE
      bad += 1
      fault = 0
    } else if (validation) heldOut += 1
    else trained += 1
    if (at == limit) start = limit
    record = start
    column = program
    state = State.Plain
    if (trained + heldOut == capacityRows || bad == BadRows.Capacity) break
  }

  if (capacityRows && block >= stop && ends == Ends.Data && record < limit) {
    const index = u32((column - program) / Column.SIZE)
    if (faultOpen) store<u32>(entry, u32(limit - start), BadRow.FieldLength)
    if (!fault) {
      const reason = column < programEnd ? BadReason.UnterminatedQuote : BadReason.TooManyFields
      noteFault(entry, reason, index < columns ? index : columns, u32(start - bytes), u32(limit - start))
    }
    closeFault(entry, u32(record - bytes), u32(limit - record), index + 1)
    bad += 1
    record = limit
  }
  store<u32>(result, u32(record - bytes), ParseResult.Consumed)
  store<u32>(result, trained, ParseResult.Rows)
  store<u32>(result, heldOut, ParseResult.ValidationRows)
  store<u32>(result, bad, ParseResult.BadRows)
}
