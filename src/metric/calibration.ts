/** Rows whose probability lies in [from, to), 1 included in the last. */
export interface CalibrationBin {
  readonly from: number
  readonly to: number
  /** Σ w */
  readonly rows: number
  /** Means over its rows, weighted; NaN where there are none. */
  readonly predicted: number
  readonly observed: number
}

const BINS = 10

/**
 * How often what is predicted with a probability comes true, in ten bins of it.
 *
 *     error = Σ_bins rows · |predicted − observed| / Σ_bins rows
 *
 * Source of the error: M. Pakdaman Naeini, G. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
 * Binning", 2015.
 */
export class Calibration {
  readonly #rows = new Float64Array(BINS)
  readonly #predicted = new Float64Array(BINS)
  readonly #observed = new Float64Array(BINS)

  /** probability: 0 … 1. outcome: 1 where it came true, else 0. */
  add(probability: number, outcome: number, weight: number): void {
    const bin = Math.min(Math.floor(probability * BINS), BINS - 1)
    this.#rows[bin]! += weight
    this.#predicted[bin]! += weight * probability
    this.#observed[bin]! += weight * outcome
  }

  get bins(): CalibrationBin[] {
    return Array.from({ length: BINS }, (_, bin) => ({
      from: bin / BINS,
      to: (bin + 1) / BINS,
      rows: this.#rows[bin]!,
      predicted: this.#predicted[bin]! / this.#rows[bin]!,
      observed: this.#observed[bin]! / this.#rows[bin]!,
    }))
  }

  /** NaN where there are no rows. */
  get error(): number {
    const total = this.#rows.reduce((sum, rows) => sum + rows, 0)
    const missed = this.#rows.reduce(
      (sum, _, bin) => sum + Math.abs(this.#predicted[bin]! - this.#observed[bin]!),
      0,
    )
    return missed / total
  }
}
