const STEPS_TO_COMPARE_WITH = 16

/** What is remembered from step to step. */
export interface LastGoodState<Kept> {
  kept: Kept | undefined
  /** Steps among the first, and the sum of their losses. */
  seen: number
  firstSum: number
  /** Sum of the losses of the steps since weights were last looked at, and their number. */
  sum: number
  steps: number
}

/**
 * Keeps weights to go back to where training diverges: those of a step whose loss was finite, taken every `interval()` steps, which may grow with
 * the weights.
 *
 * Before a loss is infinite it is large. So weights are good only where the mean loss of the steps since they were last
 * looked at is not above that of the first few steps, at which the model knew next to nothing.
 */
export class LastGoodWeights<Kept> {
  #state: LastGoodState<Kept> = { kept: undefined, seen: 0, firstSum: 0, sum: 0, steps: 0 }

  /** interval: steps, ≥ 1. firstSteps: those to compare with, ≥ 1. */
  constructor(
    private readonly interval: () => number,
    private readonly firstSteps = STEPS_TO_COMPARE_WITH,
  ) {}

  get kept(): Kept | undefined {
    return this.#state.kept
  }

  /** A copy; the weights kept are never changed. */
  get state(): LastGoodState<Kept> {
    return { ...this.#state }
  }

  /** Goes on where another one was. */
  restore(state: LastGoodState<Kept>): void {
    this.#state = { ...state }
  }

  /** Takes note of the loss of a step, before its update; `take` copies the weights. */
  see(loss: number, take: () => Kept): void {
    const state = this.#state
    if (state.seen < this.firstSteps) {
      state.firstSum += loss
      state.seen++
    }
    state.sum += loss
    state.steps++
    if (state.steps < this.interval()) return
    if (state.sum / state.steps <= state.firstSum / state.seen) state.kept = take()
    state.sum = 0
    state.steps = 0
  }
}

const LEAST_STEPS = 256
const WEIGHTS_A_STEP = 64

/** Steps between two copies of so many weights: few enough to lose little, so many that copying costs next to nothing. */
export function stepsBetweenCopies(weights: number): number {
  return Math.max(LEAST_STEPS, Math.ceil(weights / WEIGHTS_A_STEP))
}
