import { ColumnProfile, Ends, Field } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { fieldText } from './head.js'
import type { ContextAddress } from './parse-context.js'

/** A piece of the sample: bytes in the shared memory that start at a record border. */
export interface SampleChunk {
  start: number
  length: number
  ends: Ends
}

/** What the sample says of a column's numbers, missing values and texts. */
export interface ColumnStatistics {
  numbers: number
  missing: number
  texts: number
  mean: number
  /** Standard deviation of the numbers (divided by n, not n − 1). */
  deviation: number
  minimum: number
  maximum: number
  whole: boolean
}

/** How often each value of a column occurs in the sample; missing values are left out. */
export type ValueCounts = Map<string, number>

/** Statistics of every column over all chunks, in the order of the chunks. */
export function profileColumns(
  memory: SharedMemory,
  context: ContextAddress,
  chunks: readonly SampleChunk[],
  columns: number,
): { records: number; columns: ColumnStatistics[] } {
  const longest = Math.max(...chunks.map((chunk) => chunk.length), 0)
  const scratch = memory.allocate('sample scratch', longest)
  const profiles = memory.allocate('column profiles', columns * ColumnProfile.SIZE)
  const f64 = memory.f64(profiles)
  const words = ColumnProfile.SIZE / 8
  for (let i = 0; i < columns; i++) {
    f64[i * words + ColumnProfile.Minimum / 8] = Infinity
    f64[i * words + ColumnProfile.Maximum / 8] = -Infinity
    f64[i * words + ColumnProfile.Whole / 8] = 1
  }
  let records = 0
  for (const { start, length, ends } of chunks) {
    records += memory.kernel.profileBlock(context, start, length, ends, profiles.start, scratch.start)
  }
  const read = (i: number) => (field: ColumnProfile) => f64[i * words + field / 8]!
  return { records, columns: Array.from({ length: columns }, (_, i) => statistics(read(i))) }
}

function statistics(read: (field: ColumnProfile) => number): ColumnStatistics {
  const numbers = read(ColumnProfile.Numbers)
  return {
    numbers,
    missing: read(ColumnProfile.Missing),
    texts: read(ColumnProfile.Texts),
    mean: read(ColumnProfile.Mean),
    deviation: numbers === 0 ? 0 : Math.sqrt(read(ColumnProfile.SquaredDifferences) / numbers),
    minimum: read(ColumnProfile.Minimum),
    maximum: read(ColumnProfile.Maximum),
    whole: read(ColumnProfile.Whole) === 1,
  }
}

/** Counts the values of the wanted columns; the others have no entry. */
export function countValues(
  memory: SharedMemory,
  context: ContextAddress,
  chunks: readonly SampleChunk[],
  columns: number,
  wanted: readonly number[],
  missingTokens: ReadonlySet<string>,
): Map<number, ValueCounts> {
  const counts = new Map(wanted.map((column) => [column, new Map<string, number>()]))
  if (wanted.length === 0) return counts
  const flags = memory.allocate('wanted columns', columns)
  for (const column of wanted) memory.u8(flags)[column] = 1
  const longest = Math.max(...chunks.map((chunk) => chunk.length), 0)
  // Every record takes at least one byte for each of its columns.
  const capacity = wanted.length * (Math.floor(longest / columns) + 1)
  const out = memory.allocate('sample fields', capacity * Field.SIZE)
  const order = [...wanted].sort((a, b) => a - b).map((column) => counts.get(column)!)
  for (const { start, length, ends } of chunks) {
    const records = memory.kernel.listFields(context, start, length, ends, flags.start, out.start, capacity)
    for (let i = 0; i < records * order.length; i++) {
      const value = fieldText(memory, context, start, out.start + i * Field.SIZE)
      if (value === '' || missingTokens.has(value.trim())) continue
      const column = order[i % order.length]!
      column.set(value, (column.get(value) ?? 0) + 1)
    }
  }
  return counts
}
