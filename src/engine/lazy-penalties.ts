import type { Optimizer, Penalties, WeightAverage } from '../optimizer/index.js'
import { addDue, withMissedPenalties, type PenaltiesDue } from '../optimizer/penalties.js'
import type { SharedMemory } from './memory.js'
import type { TouchedPlan } from './touched-categories.js'

/**
 * The penalties of category weights that a step leaves alone: they fall due in every step, and are made up for when the
 * category is met again, before its weights are used, and at the end of an epoch.
 *
 * A category remembers up to where its penalties are paid, as two f64 (optimizer/penalties.ts). The optimizer's state
 * does not change while it is left alone, so neither does its preconditioner (Adam's but for the step).
 */
export class LazyPenalties {
  /** Of all steps so far. */
  readonly due: PenaltiesDue = { rates: 0, decay: 0 }
  /** For every category index, what of it has been paid: rates, decay. */
  readonly paid: Float64Array
  readonly #weights: Float32Array
  readonly #missed: PenaltiesDue = { rates: 0, decay: 0 }

  constructor(
    private readonly memory: SharedMemory,
    private readonly plan: TouchedPlan,
    private readonly optimizer: Optimizer,
    private readonly penalties: Penalties,
    private readonly state: readonly Float32Array[],
  ) {
    this.paid = memory.f64(memory.allocate('penalties paid', plan.categoryIndices * 16))
    this.#weights = new Float32Array(memory.memory.buffer, plan.v, plan.categoryIndices * plan.outputs)
  }

  /** The category weights of a run of rows, before step `step` + 1. */
  catchUpRows(rows: number, count: number, step: number, average: WeightAverage | undefined): void {
    const { denseWords, categories, stride } = this.plan
    const { u32 } = this.memory.views
    for (let row = 0; row < count; row++) {
      const at = (rows + row * stride) / 4 + denseWords
      for (let slot = 0; slot < categories; slot++) this.#catchUp(u32[at + slot]!, step, average)
    }
  }

  /** All category weights, after step `step`. */
  catchUpAll(step: number, average: WeightAverage | undefined): void {
    for (let index = 0; index < this.plan.categoryIndices; index++) this.#catchUp(index, step, average)
  }

  /** A step has been taken, with its penalties for the touched categories. */
  stepped(learningRate: number, touched: Uint32Array, count: number): void {
    const due = this.due
    addDue(due, this.penalties, learningRate)
    const paid = this.paid
    for (let i = 0; i < count; i++) {
      paid[2 * touched[i]!] = due.rates
      paid[2 * touched[i]! + 1] = due.decay
    }
  }

  #catchUp(index: number, step: number, average: WeightAverage | undefined): void {
    const paid = this.paid
    const weights = this.#weights
    const missed = this.#missed
    missed.rates = this.due.rates - paid[2 * index]!
    if (missed.rates === 0) return
    missed.decay = this.due.decay - paid[2 * index + 1]!
    paid[2 * index] = this.due.rates
    paid[2 * index + 1] = this.due.decay
    const { outputs, firstWord } = this.plan
    for (let at = index * outputs; at < (index + 1) * outputs; at++) {
      const w = weights[at]!
      if (w === 0) continue
      const p = this.optimizer.preconditioner(this.state, at, step)
      weights[at] = withMissedPenalties(w, this.penalties, p, missed)
      average?.recordChange(step + 1, firstWord + at, weights[at]! - w)
    }
  }
}
