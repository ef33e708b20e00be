import type { SharedMemory } from '../engine/memory.js'
import { parseBoolean } from './booleans.js'
import { datePartNames, parseDate } from './dates.js'
import { fieldText } from './head.js'
import type { ContextAddress } from './parse-context.js'
import { decimal } from './decimal.js'
import { isMissing, SampleFields } from './sample-fields.js'
import type { ColumnStatistics, SampleChunk } from './sample.js'
import type { ColumnSchema, DecimalMark } from './schema.js'

/** The numbers that the texts of a column stand for: `count` of them, or undefined where a text stands for none. */
export interface ValueReader {
  count: number
  read: (text: string) => readonly number[] | undefined
}

const readers: Partial<Record<ColumnSchema['kind'], (mark: DecimalMark) => ValueReader>> = {
  boolean: (mark) => ({
    count: 1,
    read(text) {
      const truth = parseBoolean(text, decimal(text, mark))
      return truth === undefined ? undefined : [truth]
    },
  }),
  date: (mark) => ({ count: datePartNames.length, read: (text) => parseDate(text, decimal(text, mark)) }),
}

/** Readers for the columns whose texts stand for numbers, by the place of the column. */
export function valueReaders(
  kinds: readonly ColumnSchema['kind'][],
  mark: DecimalMark,
): Map<number, ValueReader> {
  return new Map(
    kinds.flatMap((kind, i) => {
      const reader = readers[kind]
      return reader === undefined ? [] : [[i, reader(mark)] as const]
    }),
  )
}

/** What the sample says of each of the numbers of a column, and the first text that stands for none. */
export interface ValueProfile {
  parts: ColumnStatistics[]
  odd: string | undefined
}

/**
 * Statistics of the numbers that texts stand for, for every column that has a reader: what profileColumns would say if
 * the numbers were columns of their own, bit for bit.
 */
export function profileValues(
  memory: SharedMemory,
  context: ContextAddress,
  chunks: readonly SampleChunk[],
  columns: number,
  readers: ReadonlyMap<number, ValueReader>,
  missingTokens: ReadonlySet<string>,
): Map<number, ValueProfile> {
  const fields = new SampleFields(memory, context, chunks, columns, [...readers.keys()])
  const profilers = new Map([...readers].map(([column, reader]) => [column, new Profiler(reader)]))
  fields.each((column, start, at) => {
    const text = fieldText(memory, context, start, at)
    profilers.get(column)!.add(isMissing(text, missingTokens) ? undefined : text)
  })
  return new Map([...profilers].map(([column, profiler]) => [column, profiler.profile()]))
}

/** Texts that repeat are read once; a column of different texts does not fill the memory. */
const MOST_REMEMBERED = 10_000

class Profiler {
  readonly #moments: Moments[]
  readonly #known = new Map<string, readonly number[] | undefined>()
  #missing = 0
  #texts = 0
  #odd: string | undefined

  constructor(private readonly reader: ValueReader) {
    this.#moments = Array.from({ length: reader.count }, () => new Moments())
  }

  /** Adds the next value, undefined for a missing one. */
  add(text: string | undefined): void {
    if (text === undefined) {
      this.#missing++
      return
    }
    const numbers = this.#read(text)
    if (numbers === undefined) {
      this.#texts++
      this.#odd ??= text
    }
    numbers?.forEach((number, i) => this.#moments[i]!.add(number))
  }

  #read(text: string): readonly number[] | undefined {
    if (this.#known.has(text)) return this.#known.get(text)
    const numbers = this.reader.read(text)
    if (this.#known.size < MOST_REMEMBERED) this.#known.set(text, numbers)
    return numbers
  }

  profile(): ValueProfile {
    const others = { missing: this.#missing, texts: this.#texts }
    return { parts: this.#moments.map((moments) => moments.statistics(others)), odd: this.#odd }
  }
}

/** Twin of addNumber in workers/kernel/profile.ts, which names its source. */
class Moments {
  #count = 0
  #mean = 0
  #squares = 0
  #minimum = Infinity
  #maximum = -Infinity
  #whole = true

  add(number: number): void {
    this.#count++
    const difference = number - this.#mean
    const moved = this.#mean + difference / this.#count
    this.#squares += difference * (number - moved)
    this.#mean = moved
    this.#minimum = Math.min(this.#minimum, number)
    this.#maximum = Math.max(this.#maximum, number)
    this.#whole &&= Number.isInteger(number)
  }

  statistics(others: { missing: number; texts: number }): ColumnStatistics {
    return {
      ...others,
      numbers: this.#count,
      mean: this.#mean,
      deviation: this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count),
      minimum: this.#minimum,
      maximum: this.#maximum,
      whole: this.#whole,
    }
  }
}
