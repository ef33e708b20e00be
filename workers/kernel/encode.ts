/** One field → the word of the encoded row that its column writes. */
import {
  BadReason, Column, ColumnOp, DateParts, FieldFlag, ParseContext, Part, Parts, Table, TableSlot, Word,
} from '../layout'
import { truthOf } from './boolean'
import { calendarDate, epochDate } from './date'
import { reportUnseen } from './grown'
import { MISSING, NOT_FOUND, hashBytes, lookup } from './hash'
import { parseNumber } from './number'
import { isBlank } from './scan'

const INFINITE_BITS: u32 = 0x7f800000
const LARGEST_F32: f64 = 3.4028234663852886e38

/** All words 0, the weight 1. */
// @ts-ignore: decorator
@inline
export function clearRow(row: usize, stride: usize, weightWord: u32): void {
  const end = row + stride
  for (let at = row; at < end; at += 16) v128.store(at, i64x2.splat(0))
  if (weightWord != Word.None) store<f32>(row + (usize(weightWord) << 2), 1)
}

/** Copies a quoted value to `scratch` with each doubled quote made one; returns the end of the copy. */
export function undoubleQuotes(start: usize, end: usize, quote: u32, scratch: usize): usize {
  while (start < end) {
    const byte = load<u8>(start)
    store<u8>(scratch, byte)
    scratch += 1
    start += byte == quote ? 2 : 1
  }
  return scratch
}

/** Whether the value, without the blanks around it, is empty or a missing-value token. */
export function isMissing(context: usize, start: usize, end: usize): bool {
  while (start < end && isBlank(load<u8>(start))) start += 1
  while (start < end && isBlank(load<u8>(end - 1))) end -= 1
  if (start == end) return true
  const tokens = load<u32>(context, ParseContext.MissingTokens)
  return tokens != 0 && lookup(tokens, start, end, hashBytes(start, end)) != NOT_FOUND
}

/** The byte that stands before the fraction of a number. */
// @ts-ignore: decorator
@inline
export function decimalMark(context: usize): u32 {
  return load<u32>(context, ParseContext.DecimalComma) ? 0x2c : 0x2e
}

/** Whether a missing-value token is itself a number, so that a number must be looked up before it is believed. */
export function tokensHoldNumber(context: usize): bool {
  const tokens = load<u32>(context, ParseContext.MissingTokens)
  if (!tokens) return false
  const powers = load<u32>(context, ParseContext.Powers)
  const mark = decimalMark(context)
  const slots = usize(load<u32>(tokens, Table.Mask)) + 1
  for (let i: usize = 0; i < slots; ++i) {
    const slot = tokens + Table.Slots + i * TableSlot.SIZE
    const key = load<u32>(slot, TableSlot.Key)
    if (!key) continue
    const number = parseNumber(key, key + load<u32>(slot, TableSlot.KeyLength), powers, mark)
    if (number == number) return true
  }
  return false
}

/** Standardises, clamps and stores a number; returns 0 or BadReason.OutOfRange. */
export function storeNumber(column: usize, row: usize, number: f64): i32 {
  const limit = load<f64>(column, Column.Limit)
  let scaled = (number - load<f64>(column, Column.Mean)) * load<f64>(column, Column.InverseScale)
  if (!(abs(scaled) <= limit)) {
    // Not a number or infinite: no clamp can mend that.
    if (!(abs(scaled) < Infinity)) return BadReason.OutOfRange
    scaled = scaled < 0 ? -limit : limit
  }
  const encoded = f32(scaled)
  if ((reinterpret<u32>(encoded) & INFINITE_BITS) == INFINITE_BITS) return BadReason.OutOfRange
  store<f32>(row + (usize(load<u32>(column, Column.Word)) << 2), encoded)
  return 0
}

/** The same for a number that neither the clamp nor the range of f32 touches; returns false for any other. */
// @ts-ignore: decorator
@inline
export function storePlainNumber(column: usize, row: usize, number: f64): bool {
  const scaled = (number - load<f64>(column, Column.Mean)) * load<f64>(column, Column.InverseScale)
  const size = abs(scaled)
  if (!(size <= load<f64>(column, Column.Limit)) || !(size <= LARGEST_F32)) return false
  store<f32>(row + (usize(load<u32>(column, Column.Word)) << 2), f32(scaled))
  return true
}

/** A value that holds a quote is no number, and what follows the scratch space may not be read. */
// @ts-ignore: decorator
@inline
function fieldNumber(context: usize, start: usize, end: usize, doubled: bool): f64 {
  return doubled ? NaN : parseNumber(start, end, load<u32>(context, ParseContext.Powers), decimalMark(context))
}

// @ts-ignore: decorator
@inline
function wordOf(column: usize, row: usize): usize {
  return row + (usize(load<u32>(column, Column.Word)) << 2)
}

function encodeNumber(context: usize, column: usize, row: usize, number: f64, missing: bool): i32 {
  if (!missing) return number == number ? storeNumber(column, row, number) : BadReason.NotANumber
  store<f32>(wordOf(column, row), f32(load<f64>(column, Column.Fill)))
  const indicator = load<u32>(column, Column.Indicator)
  if (indicator != Word.None) store<f32>(row + (usize(indicator) << 2), 1)
  return 0
}

/** A label that is a number. What is above 0 must be so as f32 too, for its logarithm to be finite. */
function encodeNumberLabel(column: usize, row: usize, op: u32, number: f64, missing: bool): i32 {
  if (missing) return BadReason.MissingLabel
  if (number != number) return BadReason.NotANumber
  if (op == ColumnOp.NotNegativeLabel && !(number >= 0)) return BadReason.LabelOutOfRange
  const reason = storeNumber(column, row, number)
  if (reason || op != ColumnOp.PositiveLabel || load<f32>(wordOf(column, row)) > 0) return reason
  return BadReason.LabelOutOfRange
}

/** A word of a boolean, or the number 1 or 0, is stored as that number. */
function encodeBoolean(context: usize, column: usize, row: usize, start: usize, end: usize, doubled: bool): i32 {
  if (isMissing(context, start, end)) return encodeNumber(context, column, row, NaN, true)
  let truth = truthOf(start, end)
  if (truth != truth) {
    truth = fieldNumber(context, start, end, doubled)
    if (truth != 0 && truth != 1) return BadReason.NotABoolean
  }
  // Of −0, too, what counts is that it is not 1.
  return storeNumber(column, row, f64(truth == 1))
}

/** Each part of a date is stored as a number, by a Column of its own. The parts pass through `scratch`. */
function encodeDate(
  context: usize, column: usize, row: usize, start: usize, end: usize, doubled: bool, scratch: usize,
): i32 {
  const missing = isMissing(context, start, end)
  if (missing) {
    const indicator = load<u32>(column, Column.Indicator)
    if (indicator != Word.None) store<f32>(row + (usize(indicator) << 2), 1)
  } else if (!calendarDate(start, end, scratch)) {
    if (!epochDate(fieldNumber(context, start, end, doubled), scratch)) return BadReason.NotADate
  }
  let part = usize(load<u32>(column, Column.Table))
  for (let i: usize = 0; i < usize(DateParts.Count); ++i) {
    const value = load<f64>(scratch + (i << 3))
    const reason = missing ? encodeNumber(context, part, row, NaN, true) : storeNumber(part, row, value)
    if (reason) return reason
    part += Column.SIZE
  }
  return 0
}

function encodeWeight(column: usize, row: usize, number: f64): i32 {
  const weight = f32(number)
  if (!(weight >= 0 && weight < Infinity)) return BadReason.BadWeight
  store<f32>(wordOf(column, row), weight)
  return 0
}

/** The table's index of a value, MISSING, or NOT_FOUND; `hash` is the value's. */
// @ts-ignore: decorator
@inline
function categoryIndex(context: usize, column: usize, start: usize, end: usize, hash: u32): u32 {
  if (start == end) return MISSING
  // The tokens are in every table; only a value with blanks around it can be missing and not be found there.
  if (isBlank(load<u8>(start)) || isBlank(load<u8>(end - 1))) {
    if (isMissing(context, start, end)) return MISSING
  }
  return lookup(load<u32>(column, Column.Table), start, end, hash)
}

/**
 * Writes the parameter index of the value start … end, whose MurmurHash3 is `hash` and for which the column's table has
 * `index`. One that it does not hold gets its bucket, and is looked up later where the vocabulary grows (findGrown).
 */
// @ts-ignore: decorator
@inline
export function storeCategory(
  column: usize, row: usize, start: usize, end: usize, hash: u32, index: u32, result: usize,
): void {
  const word = wordOf(column, row)
  if (index < MISSING) {
    store<u32>(word, load<u32>(column, Column.First) + index)
    return
  }
  const buckets = load<u32>(column, Column.Buckets)
  if (index == MISSING || !buckets) {
    store<u32>(word, load<u32>(column, Column.Missing))
    return
  }
  const bucket = (hash + load<u32>(column, Column.Salt)) & (buckets - 1)
  store<u32>(word, load<u32>(column, Column.FirstBucket) + bucket)
  if (load<u32>(column, Column.Grown)) reportUnseen(result, word, start, end)
}

/** Writes the index of the value start … end, its quotes taken off; returns whether it is missing. */
export function encodeCategory(
  context: usize, column: usize, row: usize, start: usize, end: usize, result: usize,
): bool {
  const hash = hashBytes(start, end)
  const index = categoryIndex(context, column, start, end, hash)
  storeCategory(column, row, start, end, hash, index, result)
  return index == MISSING
}

function encodeClass(context: usize, column: usize, row: usize, start: usize, end: usize): i32 {
  const index = categoryIndex(context, column, start, end, hashBytes(start, end))
  if (index == MISSING) return BadReason.MissingLabel
  if (index == NOT_FOUND) return BadReason.UnknownClass
  store<f32>(wordOf(column, row), f32(index))
  return 0
}

/** The Parts of a parse call lie before its scratch. */
// @ts-ignore: decorator
@inline
export function partAt(scratch: usize, part: u32): usize {
  return scratch - Parts.Room + usize(part) * Part.SIZE
}

/**
 * Encodes the value start … end (quotes taken off, doubled ones not yet made one) of a column that is not skipped;
 * returns 0 or a BadReason. `numericTokens` is tokensHoldNumber; a value in no vocabulary goes to ParseResult.Unseen.
 */
export function encodeField(
  context: usize, column: usize, row: usize, start: usize, end: usize, doubled: bool, numericTokens: bool,
  scratch: usize, result: usize,
): i32 {
  const written = start
  const flaggedLength = u32(end - start) | (doubled ? FieldFlag.DoubledQuotes : 0)
  if (doubled) {
    end = undoubleQuotes(start, end, load<u32>(context, ParseContext.Quote), scratch)
    start = scratch
  }
  const op = load<u32>(column, Column.Op)
  if (op == ColumnOp.Category) {
    const missing = encodeCategory(context, column, row, start, end, result)
    const number = load<u32>(column, Column.Part)
    if (number != Word.None) {
      const part = partAt(scratch, number)
      store<u32>(part, u32(written), Part.Start)
      store<u32>(part, missing ? 0 : flaggedLength, Part.Length)
    }
    return 0
  }
  if (op == ColumnOp.ClassLabel) return encodeClass(context, column, row, start, end)
  if (op == ColumnOp.Boolean) return encodeBoolean(context, column, row, start, end, doubled)
  if (op == ColumnOp.Date) return encodeDate(context, column, row, start, end, doubled, scratch)
  const number = start == end ? NaN : fieldNumber(context, start, end, doubled)
  const missing = (numericTokens || number != number) && isMissing(context, start, end)
  if (op == ColumnOp.Weight) return encodeWeight(column, row, missing ? NaN : number)
  if (op == ColumnOp.NumberLabel || op == ColumnOp.NotNegativeLabel || op == ColumnOp.PositiveLabel) {
    return encodeNumberLabel(column, row, op, number, missing)
  }
  return encodeNumber(context, column, row, number, missing)
}
