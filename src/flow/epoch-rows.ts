import { ParseContext } from '../../workers/layout.js'
import type { HeldOutRows } from '../engine/held-out.js'
import type { SharedMemory } from '../engine/memory.js'
import { runError, type MillraceError } from '../errors.js'
import type { RowCounts } from '../events.js'
import type { GrowingVocabularies } from '../schema/growing-vocabularies.js'
import type { BadRowAccount } from './bad-row-account.js'
import type { Block } from './block.js'
import type { CategoryCounts } from './category-counts.js'
import type { RowDigest } from './row-digest.js'
import type { ClassWeigher } from './weigh-classes.js'

/** What the first pass does with rows besides training on them. */
export interface FirstPass {
  readonly heldOut?: HeldOutRows | undefined
  readonly vocabularies?: GrowingVocabularies | undefined
  readonly classWeigher?: ClassWeigher | undefined
  readonly digest?: RowDigest | undefined
  readonly categoryCounts?: CategoryCounts | undefined
}

/** What training adds to the account: rows, Σ weight · loss, Σ weight. */
export interface LearnedRows {
  readonly trained: number
  readonly loss: number
  readonly weight: number
}

/** Rows read, held out and skipped, and bytes of the blocks they were in. */
export interface RowsBefore {
  readonly read: number
  readonly validation: number
  readonly skipped: number
  readonly bytes: number
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
  readonly #goesOn: boolean

  /** `before`: of the part of the pass that an interrupted run has used. */
  constructor(
    readonly badRows: BadRowAccount,
    private readonly first: FirstPass = {},
    before?: RowsBefore,
  ) {
    this.#goesOn = before !== undefined
    if (before === undefined) return
    this.#read = before.read
    this.#validation = before.validation
    this.#skipped = before.skipped
    this.bytes = before.bytes
  }

  /** Throws where the block's bad rows end the run. */
  readonly open = (block: Block, rowsUsed = 0): void => {
    const { slot, origin } = block
    // Before anything reads the rows.
    this.first.vocabularies?.settle(slot)
    if (rowsUsed > 0) {
      // The interrupted run has counted it.
      if (!(rowsUsed < block.rows)) throw otherBlock(origin.file, origin.offset)
      this.first.classWeigher?.weigh(slot.rows, block.rows)
      return
    }
    this.#read += block.rows + slot.validationCount + slot.badCount
    if (block.cached !== true) this.badRows.take(block, this.#read)
    this.first.heldOut?.add(slot)
    // Cached rows have been weighed before they were cached.
    if (block.cached !== true) this.first.classWeigher?.weigh(slot.rows, block.rows)
    this.first.digest?.add(block)
    this.first.categoryCounts?.add(block)
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

  /** Takes note of rows that an earlier run has learned from; `learned` says later what came of it. */
  passedOver(rows: number): void {
    this.#trained += rows
  }

  get before(): RowsBefore {
    return { read: this.#read, validation: this.#validation, skipped: this.#skipped, bytes: this.bytes }
  }

  get learned(): LearnedRows {
    return { trained: this.#trained, loss: this.#loss, weight: this.#weight }
  }

  /** The account of the rows that were passed over. */
  set learned({ trained, loss, weight }: LearnedRows) {
    this.#trained = trained
    this.#loss = loss
    this.#weight = weight
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

  /** Checked at the end of each epoch: no row may be lost on the way, nor more of them be bad than are allowed. */
  check(): void {
    this.badRows.check(this.#read)
    if (this.#read === this.#trained + this.#validation + this.#skipped) return
    const told = `${this.#read} read, ${this.#trained} trained, ${this.#validation} held out, ${this.#skipped} skipped`
    if (this.#goesOn) throw otherCounts(told)
    throw new Error(`rows were lost: ${told}`)
  }
}

/** A checkpoint may be anybody's. */
function otherCounts(told: string): MillraceError {
  return runError(
    'CHECKPOINT_INVALID',
    `the rows that the checkpoint tells of are not those before its position: with them there are ${told}`,
    'begin anew with another --checkpoint folder',
  )
}

function otherBlock(file: string, byte: number): MillraceError {
  return runError(
    'RESUME_MISMATCH',
    `the block that the interrupted run was in has other rows now`,
    'begin anew with another --checkpoint folder',
    { file, byte },
  )
}
