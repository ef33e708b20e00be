import type { SharedMemory } from '../engine/memory.js'
import { pairValue } from './interactions.js'
import type { ContextAddress } from './parse-context.js'
import { isMissing, SampleFields } from './sample-fields.js'
import type { SampleChunk, ValueCounts } from './sample.js'
import { ValueNumbers } from './value-numbers.js'

/** A pair of value numbers in one whole number, exactly: a sample has fewer than 2^26 values. */
const PLACES = 2 ** 26

/** How often each pair of values of two columns occurs in the sample; where one is missing, it is left out. */
export function countPairs(
  memory: SharedMemory,
  context: ContextAddress,
  chunks: readonly SampleChunk[],
  columns: number,
  pairs: readonly (readonly [number, number])[],
  missingTokens: ReadonlySet<string>,
): ValueCounts[] {
  const wanted = [...new Set(pairs.flat())]
  const fields = new SampleFields(memory, context, chunks, columns, wanted)
  const values = new Map(wanted.map((column) => [column, new ValueNumbers(memory, context)]))
  const counts = pairs.map(() => new Map<number, number>())
  fields.eachChunk((records, start, fieldAt) => {
    const numbers = new Map(
      [...values].map(([column, known]) => [
        column,
        Array.from({ length: records }, (_, record) => known.of(start, fieldAt(column, record))),
      ]),
    )
    pairs.forEach(([a, b], i) => {
      const [first, second] = [numbers.get(a)!, numbers.get(b)!]
      const count = counts[i]!
      for (let record = 0; record < records; record++) {
        const key = first[record]! * PLACES + second[record]!
        count.set(key, (count.get(key) ?? 0) + 1)
      }
    })
  })
  const texts = new Map([...values].map(([column, known]) => [column, known.values()]))
  return pairs.map(([a, b], i) => byText(counts[i]!, texts.get(a)!, texts.get(b)!, missingTokens))
}

function byText(
  counts: ReadonlyMap<number, number>,
  firsts: readonly string[],
  seconds: readonly string[],
  missingTokens: ReadonlySet<string>,
): ValueCounts {
  const byValue: ValueCounts = new Map()
  for (const [key, count] of counts) {
    const [first, second] = [firsts[Math.floor(key / PLACES)]!, seconds[key % PLACES]!]
    if (isMissing(first, missingTokens) || isMissing(second, missingTokens)) continue
    const value = pairValue(first, second)
    byValue.set(value, (byValue.get(value) ?? 0) + count)
  }
  return byValue
}
