import type { Entries } from '../step/touched.js'

/**
 * Mean of the weights over all steps, at the cost of the entries a step touches.
 *
 *     w̄ = (1 / T) · Σ_{t=1…T} w_t
 *
 * With w_t = w_{t−1} + Δ_t, the last weights are ahead of those of step t by Σ_{s>t} Δ_s. Summed over t, Δ_s is
 * counted once for each of the s − 1 steps before it:
 *
 *     T·w_T − Σ_t w_t = Σ_s (s − 1)·Δ_s = u        so        w̄ = w_T − u / T
 *
 * A weight that a step leaves alone has Δ = 0 and costs nothing. With a burn-in of b steps, s and T count from
 * step b + 1, and the mean is over the steps after b.
 *
 * The sums are f64. Δ is the difference of the weights as they are stored: a change too small to move an f32 weight
 * must not move its mean either.
 *
 * Sources: B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992; W. Xu, "Towards
 * optimal one pass large scale learning with averaged stochastic gradient descent", 2011; L. Bottou, "Stochastic
 * gradient descent tricks", 2012, section 5.
 */
export class WeightAverage {
  /** u, one entry a weight. */
  readonly sums: Float64Array
  /** Steps in the mean so far: T. */
  steps = 0

  /** size: number of weights. burnIn: steps to leave out of the mean, from the start of the run. */
  constructor(
    size: number,
    readonly burnIn = 0,
  ) {
    this.sums = new Float64Array(size)
  }

  /**
   * Takes note of what a step is about to add to weights[from … to).
   *
   * To be called before `update`, which must store fround(weight + change), in the order of the steps; a step may take
   * several calls, for ranges that do not overlap. step counts from 1.
   */
  record(step: number, weights: Float32Array, change: Float32Array, from: number, to: number): void {
    const steps = step - this.burnIn
    if (steps < 1) return
    this.steps = steps
    const earlier = steps - 1
    const sums = this.sums
    for (let i = from; i < to; i++) {
      const weight = weights[i]!
      sums[i]! += earlier * (Math.fround(weight + change[i]!) - weight)
    }
  }

  /** The same for entries that lie apart: entry i of `change` is about to be added to entry indices[i] from word `first` on. */
  recordScattered(
    step: number,
    weights: Float32Array,
    first: number,
    change: Float32Array,
    { indices, count, outputs }: Entries,
  ): void {
    const steps = step - this.burnIn
    if (steps < 1) return
    this.steps = steps
    const earlier = steps - 1
    const sums = this.sums
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < outputs; k++) {
        const at = first + indices[i]! * outputs + k
        const weight = weights[at]!
        sums[at]! += earlier * (Math.fround(weight + change[i * outputs + k]!) - weight)
      }
    }
  }

  /**
   * The same for one weight that is changed between two steps, before `step`, by `difference`. Where that step never comes,
   * the mean is as if the weight had not been changed.
   */
  recordChange(step: number, at: number, difference: number): void {
    const earlier = step - this.burnIn - 1
    if (earlier > 0) this.sums[at]! += earlier * difference
  }

  /**
   * out = mean of the weights, where `weights` are those after the last recorded step; `out` may be `weights`.
   *
   * While all steps so far are burn-in, out = weights. They may be fewer than there is room for: the first ones. Throws a
   * RangeError where they are more, or `out` is not as long.
   */
  average(weights: Float32Array, out: Float32Array): void {
    const sums = this.sums
    if (weights.length > sums.length || out.length !== weights.length) {
      throw new RangeError(
        `expected up to ${sums.length} weights to average, got ${weights.length} and room for ${out.length}`,
      )
    }
    const steps = Math.max(this.steps, 1)
    for (let i = 0; i < weights.length; i++) out[i] = weights[i]! - sums[i]! / steps
  }
}
