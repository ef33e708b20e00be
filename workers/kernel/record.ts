/**
 * One record of any kind → a row or a BadRow. Readable twin: src/schema/reference-parser.ts.
 *
 * A bit mask of delimiters, line feeds and quotes is made for 64 bytes at a time, and its bits are taken one by one. A
 * value's words are written as its field ends; the row is counted at the end of its record. The row of a bad record, or
 * of one held out and not kept, is written over by the next.
 */
import { BadReason, BadRow, Column, ColumnOp, Ends, ParseContext, ParseResult } from '../layout'
import { clearRow, encodeField } from './encode'
import { hashPosition } from './hash'
import { encodeInteractions } from './interaction'
import { CARRIAGE_RETURN, LINE_FEED, NO_BYTE, TEXT_AFTER_QUOTE, fieldEnd, skipBlanks, structureOf, trimEnd } from './scan'
import { firstInvalid, isUtf8 } from './utf8'

/** Where the parser stands within a field. */
enum State {
  /** Outside quotes: before a field, or in one that does not start with a quote. */
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

/** Notes the first byte of a record, up to `end`, that is not UTF-8, whatever else is wrong: the rest may come of that. */
function noteInvalid(
  entry: usize, bytes: usize, record: usize, end: usize, columns: u32, delimiter: u32, quote: u32,
): i32 {
  const invalid = firstInvalid(record, end)
  let column: u32 = 0
  let fault = false
  let at = record
  while (true) {
    const field = fieldEnd(at, end, delimiter, quote, fault)
    at = usize(u32(field)) + 1
    if (at > invalid || column == columns) break
    if (field & TEXT_AFTER_QUOTE) fault = true
    column += 1
  }
  return noteFault(entry, BadReason.InvalidUtf8, column, u32(invalid - bytes), 1)
}

/** Adds what is known only at the end of the record. */
function closeFault(entry: usize, record: u32, recordLength: u32, fields: u32): void {
  store<u32>(entry, record, BadRow.Record)
  store<u32>(entry, recordLength, BadRow.RecordLength)
  store<u32>(entry, fields, BadRow.Fields)
}

/**
 * Reads on from ParseResult.Consumed to the end of the next record, passing over blank lines and comments; writes its
 * row or its BadRow and moves the counts of the result on. Returns false where no whole record is left.
 */
export function anyRecord(
  context: usize, bytes: usize, length: usize, ends: u32, position: u64, rows: usize, capacityRows: u32,
  result: usize, numericTokens: bool, scratch: usize,
): bool {
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
  const interactions = load<u32>(context, ParseContext.InteractionCount)
  const delimiters = i8x16.splat(u8(delimiter))
  // Without quoting the delimiter is looked for twice.
  const quotes = i8x16.splat(u8(quote == NO_BYTE ? delimiter : quote))
  const limit = bytes + length
  // At the end of the data a line feed is taken to stand at `limit`.
  const stop = ends == Ends.Data ? limit + 1 : limit

  const trained = load<u32>(result, ParseResult.Rows)
  const heldOut = load<u32>(result, ParseResult.ValidationRows)
  const bad = load<u32>(result, ParseResult.BadRows)
  const entry = result + ParseResult.Bad + usize(bad) * BadRow.SIZE
  // What a row that is not kept reports is taken back.
  const unseen = load<u32>(result, ParseResult.Unseen)

  let record = bytes + load<u32>(result, ParseResult.Consumed)
  let start = record
  // The first byte of the field that is no blank, once that is known: it is then not before `start`.
  let first: usize = 0
  let column = program
  let state = State.Plain
  let doubled = false
  let close: usize = 0
  let row: usize = 0
  let validation = false
  let fault: i32 = 0
  let faultOpen = false

  let block = record - 64
  let mask: u64 = 0
  while (true) {
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
        if (first < start) first = skipBlanks(start, at, delimiter)
        if (at == first) {
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
        const behind = skipBlanks(close + 1, at, delimiter)
        const broken = byte == LINE_FEED && at == behind + 1 && load<u8>(behind) == CARRIAGE_RETURN
        if ((at == behind && byte != quote) || broken) {
          state = State.Plain
          quoted = true
          from = first + 1
          to = close
        } else {
          state = State.Outside
          if (!fault && column < programEnd) {
            const index = u32((column - program) / Column.SIZE)
            fault = noteFault(entry, BadReason.TextAfterQuote, index, u32(first - bytes), 0)
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

    const broken = byte != delimiter && at > (quoted ? close + 1 : start) && load<u8>(at - 1) == CARRIAGE_RETURN
    const end = at - usize(broken)
    if (!quoted) {
      if (first < start) first = skipBlanks(start, end, delimiter)
      from = first
      to = state == State.Plain ? trimEnd(first, end) : end
    }
    const rawEnd = quoted ? close + 1 : to
    if (column == program && state == State.Plain) {
      const commented = load<u8>(record) == comment
      if (commented || (byte != delimiter && to == from && !quoted)) {
        if (byte == delimiter) state = State.Comment
        else start = record = at < limit ? at + 1 : limit
        continue
      }
      validation = threshold != 0 && hashPosition(seed, position + u64(record - bytes)) < threshold
      row = rows + usize(validation && keep ? capacityRows - 1 - heldOut : trained) * stride
      clearRow(row, stride, weightWord)
    }
    if (column >= programEnd) {
      if (!fault) fault = noteFault(entry, BadReason.TooManyFields, columns, u32(first - bytes), u32(rawEnd - first))
    } else if (state == State.Plain) {
      const op = load<u32>(column, Column.Op)
      if (op != ColumnOp.Skip) {
        const reason = encodeField(context, column, row, from, to, quoted && doubled, numericTokens, scratch, result)
        if (reason && !fault) {
          const index = u32((column - program) / Column.SIZE)
          fault = noteFault(entry, reason, index, u32(first - bytes), u32(rawEnd - first))
        }
      }
    } else if (faultOpen) {
      store<u32>(entry, u32(rawEnd - first), BadRow.FieldLength)
      faultOpen = false
    }
    column += Column.SIZE
    start = at + 1
    if (byte == delimiter) continue

    const fields = u32((column - program) / Column.SIZE)
    if (!isUtf8(record, end)) fault = noteInvalid(entry, bytes, record, end, columns, delimiter, quote)
    if (!fault && fields < columns) fault = noteFault(entry, BadReason.TooFewFields, fields, u32(end - bytes), 0)
    if (interactions && !fault) encodeInteractions(context, row, scratch, result)
    if (fault || (validation && !keep)) store<u32>(result, unseen, ParseResult.Unseen)
    if (fault) {
      closeFault(entry, u32(record - bytes), u32(end - record), fields)
      store<u32>(result, bad + 1, ParseResult.BadRows)
    } else if (validation) store<u32>(result, heldOut + 1, ParseResult.ValidationRows)
    else store<u32>(result, trained + 1, ParseResult.Rows)
    store<u32>(result, u32((at == limit ? limit : start) - bytes), ParseResult.Consumed)
    return true
  }

  store<u32>(result, unseen, ParseResult.Unseen)
  // Nothing but an open quote can keep a record from ending where the data ends.
  const unterminated = ends == Ends.Data && record < limit
  if (unterminated) {
    const index = u32((column - program) / Column.SIZE)
    if (faultOpen) store<u32>(entry, u32(limit - first), BadRow.FieldLength)
    if (!fault) {
      const reason = column < programEnd ? BadReason.UnterminatedQuote : BadReason.TooManyFields
      noteFault(entry, reason, index < columns ? index : columns, u32(first - bytes), u32(limit - first))
    }
    if (!isUtf8(record, limit)) noteInvalid(entry, bytes, record, limit, columns, delimiter, quote)
    closeFault(entry, u32(record - bytes), u32(limit - record), index + 1)
    store<u32>(result, bad + 1, ParseResult.BadRows)
    record = limit
  }
  store<u32>(result, u32(record - bytes), ParseResult.Consumed)
  return unterminated
}
