import type { EpochRows, LearnedRows } from '../flow/epoch-rows.js'
import type { RowDigest } from '../flow/row-digest.js'
import type { RowOrder } from '../flow/row-order.js'

const NOTHING: LearnedRows = { trained: 0, loss: 0, weight: 0 }

/** Where a run is: kept up to date from step to step, so that a checkpoint can be taken between any two of them. */
export class RunPosition {
  epoch = 1
  /** Mini-batches of the epoch that have been learned from. */
  batches = 0
  /** RowDigest.value after the last of them; blocks of the next one may have been opened since then. */
  digest = 0
  /** Of the epoch. */
  rows: EpochRows | undefined
  order: RowOrder | undefined
  #ending: Promise<unknown> | undefined

  constructor(private readonly rowDigest: RowDigest | undefined) {}

  /** Of this epoch. */
  get learned(): LearnedRows {
    return this.rows?.learned ?? NOTHING
  }

  /** Whether the learner holds the weights of the last step, and nothing else. */
  get isBetweenSteps(): boolean {
    return this.#ending === undefined
  }

  /** Resolves when that is so; rejects where the epoch that is being ended fails. */
  async betweenSteps(): Promise<void> {
    while (this.#ending !== undefined) await this.#ending
  }

  beginEpoch(epoch: number, rows: EpochRows, order: RowOrder): void {
    this.epoch = epoch
    this.batches = 0
    this.rows = rows
    this.order = order
  }

  /** A mini-batch has been learned from. */
  stepDone(): void {
    this.passedOver(1)
  }

  /** An interrupted run has learned from these mini-batches. */
  passedOver(batches: number): void {
    this.batches += batches
    this.digest = this.rowDigest?.value ?? 0
  }

  /** Goes on to the `next` epoch when this one has been ended, which takes the weights into use for a while. */
  async endEpoch<Result>(ending: Promise<Result>, next: number): Promise<Result> {
    this.#ending = ending
    const result = await ending
    // Blocks without rows to learn from may have come behind the last step.
    this.digest = this.rowDigest?.value ?? 0
    this.epoch = next
    this.batches = 0
    this.rows = undefined
    this.order = undefined
    this.#ending = undefined
    return result
  }
}
