import { Ends, Field, FieldFlag, ParseContext } from '../../workers/layout.js'
import { READ_AHEAD, type SharedMemory } from '../engine/memory.js'
import type { PartColumns, Places } from './part-columns.js'
import type { SampleChunk } from './sample.js'

const LINE_FEED = 10

/**
 * A chunk of a part whose columns come in another order → the same records with the columns of the first part, as the
 * sample is fitted on; fields keep their quotes. Records that are ragged are left out, as the sample leaves them out.
 */
export function reorderChunk(
  memory: SharedMemory,
  { start, length, ends }: SampleChunk,
  { names, context }: PartColumns,
  places: Places,
): SampleChunk {
  const { kernel } = memory
  const columns = names.length
  const wanted = memory.allocate('all columns', columns)
  memory.u8(wanted).fill(1)
  const capacity = columns * (Math.floor(length / columns) + 1)
  const fields = memory.allocate('sample fields', capacity * Field.SIZE)
  // A field keeps its bytes, and the last one of the data may get a line break that it did not have.
  const target = memory.allocate('sample in the first order', length + 1 + READ_AHEAD)
  const records = kernel.listFields(context, start, length, ends, wanted.start, fields.start, capacity)
  const { u8, u32 } = memory.views
  const delimiter = u32[(context + ParseContext.Delimiter) >>> 2]!
  const quote = u32[(context + ParseContext.Quote) >>> 2]!
  let at = target.start
  for (let record = 0; record < records; record++) {
    const first = fields.start + record * columns * Field.SIZE
    places.forEach((place, i) => {
      if (i > 0) u8[at++] = delimiter
      const field = first + place! * Field.SIZE
      let from = start + u32[(field + Field.Start) >>> 2]!
      let to = from + (u32[(field + Field.Length) >>> 2]! & ~FieldFlag.DoubledQuotes)
      // Before a field without quotes there is a delimiter, a blank or a line break.
      const quoted = quote !== 0 && from > start && u8[from - 1] === quote
      if (quoted) [from, to] = [from - 1, to + 1]
      u8.copyWithin(at, from, to)
      at += to - from
    })
    u8[at++] = LINE_FEED
  }
  return { start: target.start, length: at - target.start, ends: Ends.Data }
}
