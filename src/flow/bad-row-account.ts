import { badRowCodes, describeBadRows, type BadRowCode, type BadRowCounts } from '../bad-row-codes.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError, type MillraceError } from '../errors.js'
import type { BadRowLimit, BadRowPolicy } from '../options.js'
import type { Schema } from '../schema/schema.js'
import { badRowError, type FoundBadRow } from './bad-rows.js'
import type { BadRowEvent } from '../events.js'
import { BadRowNews } from './bad-row-news.js'
import type { Block } from './block.js'
import { BadRowFinder } from './find-bad-row.js'
import type { Quarantine } from './quarantine.js'

export interface BadRowOptions {
  readonly onBadRow: BadRowPolicy
  readonly maxBadRows: BadRowLimit
  /** A model is used, not trained: hints leave out what only training can change. Default: false. */
  readonly schemaIsFixed?: boolean
}

/** Of fewer rows a share says little. */
const ROWS_BEFORE_SHARE = 1000

/**
 * What becomes of the bad rows of a pass: counted by reason, written to the quarantine, or the end of the run. Blocks come
 * in the order in which they are opened, so that the same row ends the run for any number of workers.
 */
export class BadRowAccount {
  readonly #finder: BadRowFinder
  readonly #news: BadRowNews | undefined
  readonly #counts: Partial<Record<BadRowCode, number>> = {}
  #bad = 0
  /** One to show where there are too many. */
  #example: FoundBadRow | undefined

  constructor(
    memory: SharedMemory,
    private readonly schema: Schema,
    private readonly options: BadRowOptions,
    private readonly quarantine?: Quarantine,
  ) {
    this.#finder = new BadRowFinder(memory)
    const { onBadRow } = options
    this.#news = onBadRow === 'fail' ? undefined : new BadRowNews(schema, onBadRow)
  }

  /** Rows that were left out and have not been told of yet. */
  takeNews(): readonly BadRowEvent[] {
    return this.#news?.take() ?? []
  }

  /** Bad rows so far, by reason. */
  get counts(): BadRowCounts {
    return { ...this.#counts }
  }

  /** Takes over what an earlier run has counted, whose rows are used again. */
  restore(counts: BadRowCounts): void {
    Object.assign(this.#counts, counts)
    this.#bad = Object.values(counts).reduce((total, rows) => total + rows, 0)
  }

  /** Takes the bad rows of a block; `read`: rows of the pass, this block's included. Throws where they end the run. */
  take(block: Block, read: number): void {
    if (block.slot.badCount > 0) this.#take(block)
    if (read >= ROWS_BEFORE_SHARE) this.check(read)
    else if (!(this.#bad <= this.options.maxBadRows.rows)) throw this.#tooMany(read)
  }

  /** Throws where more of the `read` rows are bad than are allowed. */
  check(read: number): void {
    const { rows, share } = this.options.maxBadRows
    if (!(this.#bad <= rows && this.#bad <= share * read)) throw this.#tooMany(read)
  }

  #take(block: Block): void {
    const { onBadRow, maxBadRows, schemaIsFixed } = this.options
    if (onBadRow === 'fail') throw badRowError(this.#first(block), this.schema, schemaIsFixed)
    this.#count(block)
    if (maxBadRows.rows < Infinity || maxBadRows.share < 1) this.#example ??= this.#first(block)
    this.#show(block)
  }

  /** Looks up the rows of the block that somebody wants to see. */
  #show(block: Block): void {
    let wanted = this.#news?.wanted ?? 0
    if (this.quarantine === undefined && wanted === 0) return
    let skipped = this.#bad - block.slot.badCount
    for (const found of this.#finder.of(block)) {
      this.quarantine?.add(found)
      skipped++
      if (wanted-- > 0) this.#news?.add(found, skipped)
      else if (this.quarantine === undefined) return
    }
  }

  #first(block: Block): FoundBadRow {
    for (const found of this.#finder.of(block)) return found
    throw new Error('a block without bad rows has none to show')
  }

  /** P3: each of them has its reason. */
  #count({ slot }: Block): void {
    let counted = 0
    for (const [reason, code] of Object.entries(badRowCodes)) {
      const rows = slot.badRowsFor(Number(reason))
      if (rows > 0) this.#counts[code] = (this.#counts[code] ?? 0) + rows
      counted += rows
    }
    if (counted !== slot.badCount) throw new Error(`${slot.badCount} bad rows, but ${counted} reasons`)
    this.#bad += counted
  }

  #tooMany(read: number): MillraceError {
    const { rows, share } = this.options.maxBadRows
    const { message, hint, place } = badRowError(this.#example!, this.schema, this.options.schemaIsFixed)
    const allowed = this.#bad <= rows ? `${100 * share} % of the rows to be bad` : `${rows} bad rows`
    return runError(
      'TOO_MANY_BAD_ROWS',
      `expected at most ${allowed}, found ${this.#bad} of ${read} (${describeBadRows(this.#counts)}); one of them: ${message}`,
      hint,
      place,
    )
  }
}
