/** What a sample says of each column: how many numbers, missing values, texts; mean, spread, range. See ParseKernel. */
import { ColumnProfile, Ends, ParseContext } from '../layout'
import { decimalMark, isMissing, tokensHoldNumber, undoubleQuotes } from './encode'
import { parseNumber } from './number'
import { DOUBLED, NOT_WHOLE, NO_BYTE, fieldEnd, measureRecord, skipEmptyLines, valueEnd, valueStart } from './scan'
import { isUtf8 } from './utf8'

// @ts-ignore: decorator
@inline
function increment(profile: usize, offset: usize): f64 {
  const count = load<f64>(profile + offset) + 1
  store<f64>(profile + offset, count)
  return count
}

/** B. P. Welford, Note on a method for calculating corrected sums of squares and products, 1962. */
// @ts-ignore: decorator
@inline
function addNumber(profile: usize, number: f64): void {
  const count = increment(profile, ColumnProfile.Numbers)
  const mean = load<f64>(profile, ColumnProfile.Mean)
  const difference = number - mean
  const moved = mean + difference / count
  const squares = load<f64>(profile, ColumnProfile.SquaredDifferences)
  store<f64>(profile, moved, ColumnProfile.Mean)
  store<f64>(profile, squares + difference * (number - moved), ColumnProfile.SquaredDifferences)
  if (number < load<f64>(profile, ColumnProfile.Minimum)) store<f64>(profile, number, ColumnProfile.Minimum)
  if (number > load<f64>(profile, ColumnProfile.Maximum)) store<f64>(profile, number, ColumnProfile.Maximum)
  if (number != trunc(number)) store<f64>(profile, 0, ColumnProfile.Whole)
}

/** Adds one value. A number beyond f64 (1e999) counts as a text: it has no place in a mean. */
function addValue(
  context: usize, profile: usize, start: usize, end: usize, doubled: bool, numericTokens: bool,
  scratch: usize,
): void {
  if (doubled) {
    end = undoubleQuotes(start, end, load<u32>(context, ParseContext.Quote), scratch)
    start = scratch
  }
  const number = doubled ? NaN : parseNumber(start, end, load<u32>(context, ParseContext.Powers), decimalMark(context))
  if ((numericTokens || number != number) && isMissing(context, start, end)) increment(profile, ColumnProfile.Missing)
  else if (abs(number) < Infinity) addNumber(profile, number)
  else increment(profile, ColumnProfile.Texts)
}

export function profileBlock(
  context: usize, bytes: usize, length: usize, ends: u32, profiles: usize, scratch: usize,
): u32 {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const columns = load<u32>(context, ParseContext.Columns)
  const numericTokens = tokensHoldNumber(context)
  const limit = bytes + length
  let records: u32 = 0
  let record = skipEmptyLines(bytes, limit, delimiter, comment)
  while (record < limit) {
    const measured = measureRecord(record, limit, ends == Ends.Data, delimiter, quote)
    const fields = u32(measured >> 32)
    if (fields == NOT_WHOLE) break
    if (fields == columns && isUtf8(record, usize(u32(measured)))) {
      let at = record
      for (let column: u32 = 0; column < columns; ++column) {
        const field = fieldEnd(at, limit, delimiter, quote, false)
        const profile = profiles + usize(column) * ColumnProfile.SIZE
        const start = valueStart(at, delimiter, field)
        const end = valueEnd(start, limit, delimiter, field)
        addValue(context, profile, start, end, (field & DOUBLED) != 0, numericTokens, scratch)
        at = usize(u32(field)) + 1
      }
      records += 1
    }
    record = skipEmptyLines(usize(u32(measured)), limit, delimiter, comment)
  }
  return records
}
