import { ColumnProfile, type Ends } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import type { ContextAddress } from './parse-context.js'
import { isMissing, SampleFields } from './sample-fields.js'
import { ValueNumbers } from './value-numbers.js'

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
  const fields = new SampleFields(memory, context, chunks, columns, wanted)
  // Made when all memory is allocated, because they keep views of it.
  const counters = new Map(wanted.map((column) => [column, new ValueCounter(memory, context)]))
  fields.each((column, start, at) => counters.get(column)!.add(start, at))
  return new Map([...counters].map(([column, counter]) => [column, counter.counts(missingTokens)]))
}

/** Counts fields by their values. */
class ValueCounter {
  readonly #numbers: ValueNumbers
  readonly #counts: number[] = []

  constructor(memory: SharedMemory, context: ContextAddress) {
    this.#numbers = new ValueNumbers(memory, context)
  }

  /** Counts the Field at `at`, whose offset counts from `start`. */
  add(start: number, at: number): void {
    const number = this.#numbers.of(start, at)
    this.#counts[number] = (this.#counts[number] ?? 0) + 1
  }

  /** Counts by text, missing values left out. */
  counts(missingTokens: ReadonlySet<string>): ValueCounts {
    const counts: ValueCounts = new Map()
    for (const [number, value] of this.#numbers.values().entries()) {
      if (!isMissing(value, missingTokens))
        counts.set(value, (counts.get(value) ?? 0) + this.#counts[number]!)
    }
    return counts
  }
}
