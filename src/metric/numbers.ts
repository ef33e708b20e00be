import type { Metrics } from './metric.js'
import { RowMetrics } from './row-metrics.js'

/**
 * Loss, root mean squared error, mean absolute error and R² of predicted numbers; of a quantile its coverage too.
 *
 *     e = ŷ − y        rmse = scale·√(Σ w·e² / Σ w)        mae = scale·Σ w·|e| / Σ w
 *     r2 = 1 − Σ w·e² / Σ w·(y − ȳ)²        coverage = Σ w·[y ≤ ŷ] / Σ w, near q for a good q-quantile
 *
 * scale > 0: units of the target in one unit of the encoded label (its standard deviation where it was standardised,
 * else 1). Where the target's mean was subtracted it cancels in every metric, so it is not needed. `loss` is left in
 * the units that it was trained in. Where all labels are equal, r2 is 1 for exact predictions and 0 for others.
 * Σ w·(y − ȳ)² is updated row by row. Source: D. West, "Updating mean and variance estimates: an improved method", 1979.
 */
export class NumberMetrics extends RowMetrics {
  readonly #scale: number
  readonly #ofQuantile: boolean
  #weight = 0
  #squares = 0
  #absolutes = 0
  #covered = 0
  #mean = 0
  #spread = 0

  constructor(scale: number, ofQuantile: boolean) {
    super(1)
    this.#scale = scale
    this.#ofQuantile = ofQuantile
  }

  result(): Metrics {
    const coverage = this.#ofQuantile ? { coverage: this.#share(this.#covered) } : {}
    return {
      loss: this.lossSum / this.#weight,
      ...coverage,
      rmse: this.#scale * Math.sqrt(this.#squares / this.#weight),
      mae: (this.#scale * this.#absolutes) / this.#weight,
      r2: this.#explained(),
    }
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    if (weight === 0) return
    const error = predictions[first]! - label
    this.#squares += weight * error * error
    this.#absolutes += weight * Math.abs(error)
    if (error >= 0) this.#covered += weight
    this.#weight += weight
    const fromOldMean = label - this.#mean
    this.#mean += fromOldMean * (weight / this.#weight)
    this.#spread += weight * fromOldMean * (label - this.#mean)
  }

  /** NaN where an error was not a number. */
  #share(weight: number): number {
    return Number.isNaN(this.#absolutes) ? NaN : weight / this.#weight
  }

  #explained(): number {
    if (this.#spread > 0) return 1 - this.#squares / this.#spread
    if (this.#weight > 0 && this.#squares === 0) return 1
    return this.#squares > 0 ? 0 : NaN
  }
}
