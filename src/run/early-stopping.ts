/** Weights and what is known of them. */
export interface BestEpoch<Epoch> {
  /** Validation loss. */
  readonly loss: number
  readonly weights: Float32Array
  readonly epoch: Epoch
}

/**
 * Keeps the weights of the epoch with the smallest validation loss, and says when `patience` epochs have passed without a
 * smaller one.
 *
 * An epoch counts as better where its loss is below best − minImprovement·|best|; a loss that is not a number is never
 * better than one that is. Memory: one copy of the weights.
 * Source: L. Prechelt, "Early stopping, but when?", 1998.
 */
export class EarlyStopping<Epoch> {
  #best: BestEpoch<Epoch> | undefined
  #withoutImprovement = 0

  constructor(
    /** Epochs, ≥ 1. */
    private readonly patience: number,
    /** A share of the best loss, 0 … 1. */
    private readonly minImprovement: number,
  ) {}

  get best(): BestEpoch<Epoch> | undefined {
    return this.#best
  }

  /** Epochs since the best one. */
  get withoutImprovement(): number {
    return this.#withoutImprovement
  }

  /** Goes on where another one was. */
  restore(best: BestEpoch<Epoch> | undefined, withoutImprovement: number): void {
    this.#best = best
    this.#withoutImprovement = withoutImprovement
  }

  /** Whether training is to end. */
  get isOver(): boolean {
    return this.#withoutImprovement >= this.patience
  }

  /** Takes note of an epoch that has been scored; the weights are copied where they are the best so far. */
  record(epoch: Epoch, loss: number, weights: Float32Array): void {
    if (this.#isBetter(loss)) {
      this.#best = { epoch, loss, weights: weights.slice() }
      this.#withoutImprovement = 0
    } else {
      this.#withoutImprovement++
    }
  }

  #isBetter(loss: number): boolean {
    if (this.#best === undefined) return true
    const { loss: best } = this.#best
    if (Number.isNaN(best)) return !Number.isNaN(loss)
    return loss < best - this.minImprovement * Math.abs(best)
  }
}
