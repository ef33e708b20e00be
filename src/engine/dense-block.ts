import {
  noPenalties,
  type Descent,
  type Optimizer,
  type Penalties,
  type WeightAverage,
} from '../optimizer/index.js'
import { clampGradient, scaleGradient } from '../step/clip.js'
import { descent as descend } from '../step/descent.js'
import { update as addChange } from '../step/update.js'
import type { SharedMemory } from './memory.js'

/** Parameters from … to − 1 and what is asked of them. */
export interface PenalizedRange {
  readonly from: number
  readonly to: number
  readonly penalties: Penalties
}

/** The parameters 0 … words − 1 in ranges of the same penalties: `exempt` ones (in order, apart from each other) have none. */
export function penalizedRanges(
  words: number,
  penalties: Penalties,
  exempt: readonly { from: number; to: number }[],
): PenalizedRange[] {
  const asked = penalties.l1 > 0 || penalties.l2 > 0 || penalties.weightDecay > 0
  if (!asked) return [{ from: 0, to: words, penalties: noPenalties }]
  const ranges: PenalizedRange[] = []
  let from = 0
  for (const range of exempt) {
    ranges.push({ from, to: range.from, penalties }, { ...range, penalties: noPenalties })
    from = range.to
  }
  ranges.push({ from, to: words, penalties })
  return ranges.filter((range) => range.from < range.to)
}

/**
 * The parameters that every step changes: their gradient, change and optimizer state.
 *
 * All regions belong to the main thread.
 */
export class DenseBlock {
  /** Where the gradient lies. */
  readonly address: number
  readonly #gradient: Float32Array
  readonly #change: Float32Array
  /** Used again for every call. */
  readonly #descent: Descent

  constructor(
    private readonly memory: SharedMemory,
    /** From the first on; those behind `room` are not this block's. */
    private readonly parameters: Float32Array,
    /** The most parameters. */
    readonly room: number,
    private readonly optimizer: Optimizer,
    private readonly ranges: readonly PenalizedRange[],
  ) {
    const gradient = memory.allocate('gradient', room * 4)
    this.address = gradient.start
    this.#gradient = memory.f32(gradient)
    this.#change = new Float32Array(room)
    this.#descent = {
      weights: parameters,
      gradient: this.#gradient,
      state: optimizer.state.map(({ initial }) => {
        const vector = new Float32Array(room)
        // What is not written to takes no memory.
        return initial === 0 ? vector : vector.fill(initial)
      }),
      change: this.#change,
      from: 0,
      to: 0,
      learningRate: 0,
      step: 0,
      penalties: noPenalties,
    }
  }

  /** The vectors of the optimizer's state, as long as the block. */
  get state(): readonly Float32Array[] {
    return this.#descent.state
  }

  scaleGradient(factor: number, words: number): void {
    scaleGradient(this.#gradient, factor, words)
  }

  clampGradient(limit: number, words: number): void {
    clampGradient(this.#gradient, limit, words)
  }

  /** Σ g² of the first `words` entries; finite where they are. */
  sumOfSquares(words: number): number {
    return this.memory.kernel.sumOfSquares(this.address, words)
  }

  /** Gradient, optimizer state and penalties → the change of the first `words` weights. */
  descent(step: number, learningRate: number, words: number): void {
    const descent = this.#descent
    descent.step = step
    descent.learningRate = learningRate
    for (const { from, to, penalties } of this.ranges) {
      if (from >= words) return
      descent.from = from
      descent.to = Math.min(to, words)
      descent.penalties = penalties
      descend(this.optimizer, descent)
    }
  }

  /** w + change → w */
  update(step: number, average: WeightAverage | undefined, words: number): void {
    average?.record(step, this.parameters, this.#change, 0, words)
    addChange(this.parameters, this.#change, 0, words)
  }
}
