/** Where fields lie: for the header, for vocabularies, for the columns that predictions keep. See ParseKernel. */
import { Ends, Field, FieldFlag, ParseContext } from '../layout'
import {
  DOUBLED,
  LINE_FEED,
  NOT_WHOLE,
  NO_BYTE,
  QUOTED,
  TEXT_AFTER_QUOTE,
  UNTERMINATED,
  fieldEnd,
  measureRecord,
  skipEmptyLines,
  valueEnd,
  valueStart,
} from './scan'
import { isUtf8 } from './utf8'

function writeField(out: usize, bytes: usize, start: usize, limit: usize, delimiter: u32, field: u64): void {
  // A field whose quoting is at fault is given as it stands, quotes and all.
  const from = valueStart(start, delimiter, field & UNTERMINATED ? field & ~QUOTED : field)
  const length = u32(valueEnd(from, limit, delimiter, field) - from)
  store<u32>(out, u32(from - bytes), Field.Start)
  store<u32>(out, field & DOUBLED ? length | FieldFlag.DoubledQuotes : length, Field.Length)
}

export function listFields(
  context: usize, bytes: usize, length: usize, ends: u32, wanted: usize, out: usize, capacityFields: u32,
): u32 {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const columns = load<u32>(context, ParseContext.Columns)
  const limit = bytes + length
  let perRecord: u32 = 0
  for (let column: u32 = 0; column < columns; ++column) perRecord += u32(load<u8>(wanted + column) != 0)
  let left = capacityFields
  let records: u32 = 0
  let at = skipEmptyLines(bytes, limit, delimiter, comment)
  while (at < limit && left >= perRecord) {
    const record = at
    let next = out
    let column: u32 = 0
    let faulty = false
    let ended = false
    while (!ended) {
      const field = fieldEnd(at, limit, delimiter, quote, faulty)
      const end = usize(u32(field))
      if (end == limit && ends == Ends.More) return records
      if (field & (TEXT_AFTER_QUOTE | UNTERMINATED)) faulty = true
      if (column < columns && load<u8>(wanted + column)) {
        writeField(next, bytes, at, limit, delimiter, field)
        next += Field.SIZE
      }
      column += 1
      ended = end == limit || load<u8>(end) == LINE_FEED
      at = end == limit ? limit : end + 1
    }
    if (column == columns && !faulty && isUtf8(record, at)) {
      out = next
      left -= perRecord
      records += 1
    }
    at = skipEmptyLines(at, limit, delimiter, comment)
  }
  return records
}

export function listRecord(
  context: usize, bytes: usize, length: usize, ends: u32, out: usize, capacityFields: u32,
): u32 {
  const delimiter = load<u32>(context, ParseContext.Delimiter)
  const quote = load<u32>(context, ParseContext.Quote) || NO_BYTE
  const comment = load<u32>(context, ParseContext.Comment) || NO_BYTE
  const limit = bytes + length
  let at = skipEmptyLines(bytes, limit, delimiter, comment)
  if (at == limit) return 0
  const fields = u32(measureRecord(at, limit, ends == Ends.Data, delimiter, quote) >> 32)
  if (fields == NOT_WHOLE) return 0
  let count: u32 = 0
  let fault = false
  while (true) {
    const field = fieldEnd(at, limit, delimiter, quote, fault)
    const end = usize(u32(field))
    if (field & TEXT_AFTER_QUOTE) fault = true
    if (count < capacityFields) writeField(out + usize(count) * Field.SIZE, bytes, at, limit, delimiter, field)
    count += 1
    if (end == limit || load<u8>(end) == LINE_FEED) return count
    at = end + 1
  }
}
