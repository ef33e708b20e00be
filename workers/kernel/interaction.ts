/**
 * Features made of two columns, encoded at the end of a good record, when the values of its category columns are known.
 * Twin: src/schema/reference-parser.ts.
 *
 * The value of a pair is one text, the two values with PairSeparator between them: from there on it takes the way of any
 * category. Where a number takes part, the feature is the category alone; the number multiplies its weight (scaled.ts).
 */
import { Column, FieldFlag, Interaction, PairSeparator, ParseContext, Part, Word } from '../layout'
import { partAt, storeCategory, undoubleQuotes } from './encode'
import { MISSING, hashBytes, lookup } from './hash'

/** Writes the value of a Part at `to`; returns its end. */
function copyPart(part: usize, quote: u32, to: usize): usize {
  const start = usize(load<u32>(part, Part.Start))
  const flagged = load<u32>(part, Part.Length)
  const length = usize(flagged & ~u32(FieldFlag.DoubledQuotes))
  if (length != usize(flagged)) return undoubleQuotes(start, start + length, quote, to)
  memory.copy(to, start, length)
  return to + length
}

/**
 * Writes the words of all interactions of a row. Values are put together in `scratch`, which has room for the record: they
 * are no longer than it, because something separated them there too.
 */
export function encodeInteractions(context: usize, row: usize, scratch: usize, result: usize): void {
  const quote = load<u32>(context, ParseContext.Quote)
  let interaction = usize(load<u32>(context, ParseContext.Interactions))
  const last = interaction + usize(load<u32>(context, ParseContext.InteractionCount)) * Interaction.SIZE
  for (; interaction < last; interaction += Interaction.SIZE) {
    const first = partAt(scratch, load<u32>(interaction, Interaction.First))
    const second = load<u32>(interaction, Interaction.Second)
    const pair = second != Word.None
    const other = pair ? partAt(scratch, second) : first
    if (!load<u32>(first, Part.Length) || !load<u32>(other, Part.Length)) {
      storeCategory(interaction, row, 0, 0, 0, MISSING, result)
      continue
    }
    let end = copyPart(first, quote, scratch)
    if (pair) {
      store<u8>(end, PairSeparator.Byte)
      end = copyPart(other, quote, end + 1)
    }
    const hash = hashBytes(scratch, end)
    const index = lookup(load<u32>(interaction, Column.Table), scratch, end, hash)
    storeCategory(interaction, row, scratch, end, hash, index, result)
  }
}
