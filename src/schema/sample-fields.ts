import { Field } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import type { ContextAddress } from './parse-context.js'
import type { SampleChunk } from './sample.js'

/** The fields of some columns of the sample; all memory that they take is allocated when it is made. */
export class SampleFields {
  readonly #wanted: readonly number[]
  readonly #flags: number
  readonly #fields: number
  readonly #capacity: number

  constructor(
    private readonly memory: SharedMemory,
    private readonly context: ContextAddress,
    private readonly chunks: readonly SampleChunk[],
    columns: number,
    wanted: readonly number[],
  ) {
    this.#wanted = [...wanted].sort((a, b) => a - b)
    const flags = memory.allocate('wanted columns', columns)
    for (const column of wanted) memory.u8(flags)[column] = 1
    this.#flags = flags.start
    const longest = Math.max(...chunks.map((chunk) => chunk.length), 0)
    // Every record takes at least one byte for each of its columns.
    this.#capacity = wanted.length * (Math.floor(longest / columns) + 1)
    this.#fields = memory.allocate('sample fields', this.#capacity * Field.SIZE).start
  }

  /** Visits each column's Fields in the order of the rows; the offsets in a Field count from `start`. */
  each(visit: (column: number, start: number, at: number) => void): void {
    this.eachChunk((records, start, fieldAt) => {
      for (const column of this.#wanted) {
        for (let record = 0; record < records; record++) visit(column, start, fieldAt(column, record))
      }
    })
  }

  /** Visits the chunks one after the other; `fieldAt` tells where the Field of a column in one of its records is. */
  eachChunk(
    visit: (records: number, start: number, fieldAt: (column: number, record: number) => number) => void,
  ): void {
    const count = this.#wanted.length
    if (count === 0) return
    const places = new Map(this.#wanted.map((column, i) => [column, i]))
    const fieldAt = (column: number, record: number): number =>
      this.#fields + (record * count + places.get(column)!) * Field.SIZE
    for (const { start, length, ends } of this.chunks) {
      const records = this.memory.kernel.listFields(
        this.context,
        start,
        length,
        ends,
        this.#flags,
        this.#fields,
        this.#capacity,
      )
      visit(records, start, fieldAt)
    }
  }
}

/** Whether a value, without the blanks around it, is empty or a missing-value token. */
export function isMissing(text: string, missingTokens: ReadonlySet<string>): boolean {
  const value = text.trim()
  return value === '' || missingTokens.has(value)
}
