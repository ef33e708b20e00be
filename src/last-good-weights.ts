const STEPS_TO_COMPARE_WITH = 16

/**
 * Keeps weights to go back to where training diverges: those of a step whose loss was finite, taken every `interval()` steps, which may grow with
 * the weights.
 *
 * Before a loss is infinite it is large. So weights are good only where the mean loss of the steps since they were last
 * looked at is not above that of the first few steps, at which the model knew next to nothing.
 */
export class LastGoodWeights<Kept> {
  #kept: Kept | undefined
  #seen = 0
  #firstSum = 0
  #sum = 0
  #steps = 0

  /** interval: steps, ≥ 1. firstSteps: those to compare with, ≥ 1. */
  constructor(
    private readonly interval: () => number,
    private readonly firstSteps = STEPS_TO_COMPARE_WITH,
  ) {}

  get kept(): Kept | undefined {
    return this.#kept
  }

  /** Takes note of the loss of a step, before its update; `take` copies the weights. */
  see(loss: number, take: () => Kept): void {
    if (this.#seen < this.firstSteps) {
      this.#firstSum += loss
      this.#seen++
    }
    this.#sum += loss
    this.#steps++
    if (this.#steps < this.interval()) return
    if (this.#sum / this.#steps <= this.#firstSum / this.#seen) this.#kept = take()
    this.#sum = 0
    this.#steps = 0
  }
}

const LEAST_STEPS = 256
const WEIGHTS_A_STEP = 64

/** Steps between two copies of so many weights: few enough to lose little, so many that copying costs next to nothing. */
export function stepsBetweenCopies(weights: number): number {
  return Math.max(LEAST_STEPS, Math.ceil(weights / WEIGHTS_A_STEP))
}
