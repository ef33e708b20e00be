import type { BadRowEvent } from '../events.js'
import type { Schema } from '../schema/schema.js'
import { badRowCode, badRowError, type FoundBadRow } from './bad-rows.js'

/** Bad rows that are all told … */
const TOLD_ALL = 100
/** … and milliseconds between two after them. */
const INTERVAL = 100
/** Lines are told of rows before this byte of their file: to count those of a large one would hold up the run. */
const LINES_COUNTED = 16 * 2 ** 20

/** Picks the bad rows that are told one by one. */
export class BadRowNews {
  #told: BadRowEvent[] = []
  #count = 0
  #lastAt = -Infinity

  constructor(
    private readonly schema: Schema,
    private readonly policy: BadRowEvent['policy'],
  ) {}

  /** How many of the next bad rows are to be looked up: the first hundred, and now and then one. */
  get wanted(): number {
    if (this.#count < TOLD_ALL) return TOLD_ALL - this.#count
    return performance.now() - this.#lastAt >= INTERVAL ? 1 : 0
  }

  /** `skipped`: bad rows before this one, and it. */
  add(found: FoundBadRow, skipped: number): void {
    const { message, hint, place } = badRowError(found, this.schema, false, found.byte < LINES_COUNTED)
    const { file = '', line, byte = 0, column } = place
    const reason = badRowCode(found)
    this.#told.push({
      type: 'bad-row',
      reason,
      message,
      hint,
      file,
      line,
      byte,
      column: reason === 'RAGGED_ROW' ? undefined : column,
      policy: this.policy,
      skipped,
    })
    this.#count++
    this.#lastAt = performance.now()
  }

  /** Those that have not been told yet. */
  take(): readonly BadRowEvent[] {
    return this.#told.length === 0 ? this.#told : this.#told.splice(0)
  }
}
