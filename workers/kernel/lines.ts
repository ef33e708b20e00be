/**
 * Rows → lines of text, CSV (RFC 4180) or JSON (RFC 8259): kept fields, copied from the bytes of the rows, and predictions.
 *
 * A block is walked through once more for the fields that are kept; its bad records, which have no row, are told by a bit.
 */
import {
  Field,
  FieldFlag,
  LineOp,
  LinePart,
  LineProgram,
  LineState,
  LineText,
  ParseContext,
} from '../layout'
import {
  CARRIAGE_RETURN,
  DOUBLED,
  LINE_FEED,
  NO_BYTE,
  fieldEnd,
  isBlank,
  measureRecord,
  skipEmptyLines,
  valueEnd,
  valueStart,
} from './scan'
import { writeNumber } from './shortest'

const QUOTE: u32 = 0x22
const BACKSLASH: u32 = 0x5c
const COMMA: u32 = 0x2c

/** Copies bytes; up to 15 more are read and written behind them. */
// @ts-ignore: decorator
@inline
function copy(from: usize, length: usize, out: usize): usize {
  for (let i: usize = 0; i < length; i += 16) v128.store(out + i, v128.load(from + i))
  return out + length
}

// @ts-ignore: decorator
@inline
function isByte(bytes: v128, byte: u32): v128 {
  return i8x16.eq(bytes, i8x16.splat(u8(byte)))
}

/** Whether a byte of the text is one that needs quotes in CSV, or an escape in JSON. */
function holdsSpecial(from: usize, length: usize, json: bool): bool {
  for (let i: usize = 0; i < length; i += 16) {
    const bytes = v128.load(from + i)
    const others = json
      ? v128.or(isByte(bytes, BACKSLASH), i8x16.lt_u(bytes, i8x16.splat(0x20)))
      : v128.or(isByte(bytes, COMMA), v128.or(isByte(bytes, LINE_FEED), isByte(bytes, CARRIAGE_RETURN)))
    let special = u32(i8x16.bitmask(v128.or(isByte(bytes, QUOTE), others)))
    if (length - i < 16) special &= (1 << u32(length - i)) - 1
    if (special) return true
  }
  return false
}

/** Blanks around a field, and a byte order mark before it, are passed over where they are not in quotes. */
// @ts-ignore: decorator
@inline
function hasLooseEnds(from: usize, length: usize): bool {
  if (length == 0) return false
  if (isBlank(load<u8>(from)) || isBlank(load<u8>(from + length - 1))) return true
  return length >= 3 && (load<u32>(from) & 0xffffff) == 0xbfbbef
}

/** The text with each byte `twice` doubled; of a doubled `quote` one is left where `undouble` says so. */
function copyDoubling(from: usize, length: usize, quote: u32, undouble: bool, twice: u32, out: usize): usize {
  const end = from + length
  for (let at = from; at < end; ++at, ++out) {
    const byte = u32(load<u8>(at))
    store<u8>(out, u8(byte))
    if (byte == twice) store<u8>(++out, u8(byte))
    if (undouble && byte == quote) at += 1
  }
  return out
}

/** One field, in quotes where it must be; at most 2 · length + 2 bytes. What a spreadsheet would take for a formula is data. */
function writeCsvField(from: usize, length: usize, quote: u32, undouble: bool, out: usize): usize {
  if (holdsSpecial(from, length, false) || hasLooseEnds(from, length)) {
    store<u8>(out, u8(QUOTE))
    out = copyDoubling(from, length, quote, undouble, QUOTE, out + 1)
    store<u8>(out, u8(QUOTE))
    return out + 1
  }
  return undouble ? copyDoubling(from, length, quote, true, NO_BYTE, out) : copy(from, length, out)
}

/** The letter behind the backslash for a control character that has one, or 0. */
// @ts-ignore: decorator
@inline
function escapeLetter(byte: u32): u32 {
  if (byte == 0x08) return 0x62
  if (byte == 0x09) return 0x74
  if (byte == 0x0a) return 0x6e
  if (byte == 0x0c) return 0x66
  return byte == 0x0d ? 0x72 : 0
}

function writeEscape(byte: u32, out: usize): usize {
  store<u8>(out, u8(BACKSLASH))
  const letter = byte < 0x20 ? escapeLetter(byte) : byte
  if (letter) {
    store<u8>(out + 1, u8(letter))
    return out + 2
  }
  // u00, then two hexadecimal digits.
  const low = byte & 15
  store<u8>(out, 0x75, 1)
  store<u16>(out, 0x3030, 2)
  store<u8>(out, u8(0x30 + (byte >> 4)), 4)
  store<u8>(out, u8(low < 10 ? 0x30 + low : 0x57 + low), 5)
  return out + 6
}

/** One text as JSON writes it (RFC 8259); at most 6 · length + 2 bytes. */
function writeJsonField(from: usize, length: usize, quote: u32, undouble: bool, out: usize): usize {
  store<u8>(out++, u8(QUOTE))
  if (undouble || holdsSpecial(from, length, true)) {
    const end = from + length
    for (let at = from; at < end; ++at) {
      const byte = u32(load<u8>(at))
      if (byte < 0x20 || byte == QUOTE || byte == BACKSLASH) out = writeEscape(byte, out)
      else store<u8>(out++, u8(byte))
      if (undouble && byte == quote) at += 1
    }
  } else out = copy(from, length, out)
  store<u8>(out, u8(QUOTE))
  return out + 1
}

/** Lists the kept fields of a good record; returns the first byte behind its line break. */
function listKept(record: usize, limit: usize, delimiter: u32, quote: u32, kept: usize, fields: usize): usize {
  let at = record
  while (true) {
    const field = fieldEnd(at, limit, delimiter, quote, false)
    const end = usize(u32(field))
    const number = load<u32>(kept)
    if (number) {
      const entry = fields + usize(number - 1) * Field.SIZE
      const from = valueStart(at, delimiter, field)
      const length = u32(valueEnd(from, limit, delimiter, field) - from)
      store<u32>(entry, u32(from), Field.Start)
      store<u32>(entry, field & DOUBLED ? length | FieldFlag.DoubledQuotes : length, Field.Length)
    }
    if (end == limit) return limit
    at = end + 1
    if (load<u8>(end) == LINE_FEED) return at
    kept += 4
  }
}

/** The record of the next row: bad ones, and what is no record, are passed over. */
function nextGood(at: usize, bytes: usize, limit: usize, context: usize, bad: usize): usize {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  while (true) {
    at = skipEmptyLines(at, limit, delimiter, comment)
    const place = at - bytes
    if (!bad || at == limit || !((load<u8>(bad + (place >> 3)) >> (place & 7)) & 1)) return at
    at = usize(u32(measureRecord(at, limit, true, delimiter, quote)))
  }
}

/** The index of the class that is predicted: of one output the second where it is above the threshold, else the largest, the first of equal ones. */
export function predictedClass(predictions: usize, outputs: u32, threshold: f64): u32 {
  if (outputs == 1) return u32(f64(load<f32>(predictions)) > threshold)
  let best: u32 = 0
  for (let k: u32 = 1; k < outputs; ++k) {
    if (load<f32>(predictions + (k << 2)) > load<f32>(predictions + (best << 2))) best = k
  }
  return best
}

function writeValue(value: f32, part: usize, json: bool, out: usize): usize {
  const number = f32(f64(value) * load<f64>(part, LinePart.Factor) + load<f64>(part, LinePart.Offset))
  if (!json || isFinite(number)) return writeNumber(number, out)
  store<u32>(out, 0x6c6c756e)
  return out + 4
}

/** Bytes that the kept fields of a line take at most. */
function mostKeptBytes(part: usize, end: usize, fields: usize, json: bool): usize {
  let most: usize = 0
  for (; part < end; part += LinePart.SIZE) {
    if (load<u32>(part, LinePart.Op) != LineOp.Field) continue
    const entry = fields + usize(load<u32>(part, LinePart.Word)) * Field.SIZE
    const length = usize(load<u32>(entry, Field.Length) & ~FieldFlag.DoubledQuotes)
    most += (json ? 6 * length : 2 * length) + 2
  }
  return most
}

function writeLine(
  program: usize, predictions: usize, contributions: usize, outputs: u32, threshold: f64, quote: u32,
  fields: usize, out: usize,
): usize {
  const json = load<u32>(program, LineProgram.Json) != 0
  const first = usize(load<u32>(program, LineProgram.First))
  const end = first + usize(load<u32>(program, LineProgram.Parts)) * LinePart.SIZE
  for (let part = first; part < end; part += LinePart.SIZE) {
    out = copy(load<u32>(part, LineText.Start), load<u32>(part, LineText.Length), out)
    const op = load<u32>(part, LinePart.Op)
    const word = usize(load<u32>(part, LinePart.Word))
    if (op == LineOp.Prediction) out = writeValue(load<f32>(predictions + (word << 2)), part, json, out)
    else if (op == LineOp.Contribution) out = writeValue(load<f32>(contributions + (word << 2)), part, json, out)
    else if (op == LineOp.Class) {
      const index = usize(predictedClass(predictions, outputs, threshold))
      const name = usize(load<u32>(program, LineProgram.ClassNames)) + index * LineText.SIZE
      out = copy(load<u32>(name, LineText.Start), load<u32>(name, LineText.Length), out)
    } else if (op == LineOp.Field) {
      const entry = fields + word * Field.SIZE
      const start = usize(load<u32>(entry, Field.Start))
      const length = load<u32>(entry, Field.Length)
      const undouble = (length & FieldFlag.DoubledQuotes) != 0
      const bytes = usize(length & ~FieldFlag.DoubledQuotes)
      out = json
        ? writeJsonField(start, bytes, quote, undouble, out)
        : writeCsvField(start, bytes, quote, undouble, out)
    }
  }
  return out
}

/** Bytes that a copy may write behind the end of a line. */
const SLACK: usize = 16

/** See ParseKernel.writeLines. */
export function writeLines(
  program: usize, predictions: usize, outputs: u32, threshold: f64, contributions: usize,
  contributionWords: u32, count: u32, context: usize, bytes: usize, length: usize, bad: usize, fields: usize,
  state: usize,
): u32 {
  const json = load<u32>(program, LineProgram.Json) != 0
  const keeps = load<u32>(program, LineProgram.Kept) != 0
  const first = usize(load<u32>(program, LineProgram.First))
  const partsEnd = first + usize(load<u32>(program, LineProgram.Parts)) * LinePart.SIZE
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const kept = usize(load<u32>(context, ParseContext.Kept))
  const limit = bytes + length
  const most = usize(load<u32>(program, LineProgram.MostBytes)) + SLACK
  const end = usize(load<u32>(state, LineState.End))
  let out = usize(load<u32>(state, LineState.Out))
  let record = usize(load<u32>(state, LineState.Record))
  let row: u32 = 0
  for (; row < count; ++row) {
    let needed = most
    let next = record
    if (keeps) {
      record = nextGood(record, bytes, limit, context, bad)
      if (record == limit) break
      next = listKept(record, limit, delimiter, quote, kept, fields)
      needed += mostKeptBytes(first, partsEnd, fields, json)
    }
    if (end - out < needed) break
    out = writeLine(program, predictions, contributions, outputs, threshold, quote, fields, out)
    record = next
    predictions += usize(outputs) << 2
    contributions += usize(contributionWords) << 2
  }
  store<u32>(state, u32(out), LineState.Out)
  store<u32>(state, u32(record), LineState.Record)
  return row
}
