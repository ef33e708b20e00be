import { ParseContext } from '../../workers/layout.js'
import type { HeldOutRows } from '../engine/held-out.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError, type MillraceError } from '../errors.js'
import type { RowCounts } from '../events.js'
import type { BadRowLimit, BadRowPolicy } from '../options.js'
import type { GrowingVocabularies } from '../schema/growing-vocabularies.js'
import type { Schema } from '../schema/schema.js'
import { badRowError } from './bad-rows.js'
import type { Block } from './block.js'
import { findBadRow } from './find-bad-row.js'

export interface BadRowOptions {
  readonly onBadRow: BadRowPolicy
  readonly maxBadRows: BadRowLimit
  /** A model is used, not trained: hints leave out what only training can change. Default: false. */
  readonly schemaIsFixed?: boolean
}

/** What the first pass does with rows besides training on them. */
export interface FirstPass {
  readonly heldOut?: HeldOutRows | undefined
  readonly vocabularies?: GrowingVocabularies | undefined
}

/** Tells the parser which rows to hold out, by a hash of seed and position. `keep` is false where they are known already. */
export function holdOut(
  memory: SharedMemory,
  context: number,
  fraction: number,
  seed: number,
  keep: boolean,
): void {
  const { u32 } = memory.views
  u32[(context + ParseContext.ValidationThreshold) >>> 2] = Math.round(fraction * 2 ** 32)
  u32[(context + ParseContext.ValidationSeed) >>> 2] = seed
  u32[(context + ParseContext.KeepValidation) >>> 2] = keep ? 1 : 0
}

/** Accounts for every row of an epoch, as its block comes to be used: read = trained + validation + skipped. */
export class EpochRows {
  /** Bytes of the blocks used so far. */
  bytes = 0
  readSeconds = 0
  parseSeconds = 0
  #read = 0
  #trained = 0
  #loss = 0
  #weight = 0
  #validation = 0
  #skipped = 0

  constructor(
    private readonly schema: Schema,
    private readonly options: BadRowOptions,
    private readonly first: FirstPass = {},
  ) {}

  /** Throws at the first bad row, or beyond the bad rows that are allowed. */
  readonly open = (block: Block): void => {
    const { slot, origin } = block
    // Before anything reads the rows.
    this.first.vocabularies?.settle(slot)
    if (slot.badCount > 0 && block.cached !== true) this.#allowBadRows(block)
    this.first.heldOut?.add(slot)
    this.#read += block.rows + slot.validationCount + slot.badCount
    this.#validation += slot.validationCount
    this.#skipped += slot.badCount
    this.bytes += origin.bytes
    this.readSeconds += slot.readSeconds
    this.parseSeconds += slot.parseSeconds
  }

  /** Takes note of a step: its rows, their mean loss and the sum of their weights. */
  trained(rows: number, loss: number, weight: number): void {
    this.#trained += rows
    this.#loss += loss * weight
    this.#weight += weight
  }

  get trainedRows(): number {
    return this.#trained
  }

  /** Mean loss of the rows trained on so far, each scored before it was learned from. */
  get loss(): number {
    return this.#weight > 0 ? this.#loss / this.#weight : NaN
  }

  get counts(): RowCounts {
    return { read: this.#read, trained: this.#trained, validation: this.#validation, skipped: this.#skipped }
  }

  /** Checked at the end of each epoch: no row may be lost on the way. */
  check(): void {
    if (this.#read === this.#trained + this.#validation + this.#skipped) return
    throw new Error(
      `rows were lost: ${this.#read} read, ${this.#trained} trained, ${this.#validation} held out, ${this.#skipped} skipped`,
    )
  }

  #allowBadRows(block: Block): void {
    if (this.options.onBadRow === 'fail') throw this.#error(block)
    const bad = this.#skipped + block.slot.badCount
    if (bad <= this.options.maxBadRows.rows) return
    const { message, place, hint } = this.#error(block)
    throw runError(
      'TOO_MANY_BAD_ROWS',
      `expected at most ${this.options.maxBadRows.rows} bad rows, found ${bad}; one of them: ${message}`,
      hint,
      place,
    )
  }

  #error(block: Block): MillraceError {
    return badRowError(findBadRow(block), this.schema, this.options.schemaIsFixed)
  }
}
