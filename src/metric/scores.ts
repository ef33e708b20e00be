import { AreaUnderCurve } from './area-under-curve.js'
import { ClassCounts } from './class-counts.js'
import { allNaN, type Metrics } from './metric.js'
import { RowMetrics } from './row-metrics.js'

/**
 * Metrics of a score z that is no probability, above the threshold t = 0 for the second class: loss, area under the ROC curve, accuracy, and
 * precision, recall and F1 of the second class.
 *
 *     accuracy = Σ w·[(z > t) = y] / Σ w
 *
 * The area depends on the order of the scores alone. They enter its histogram as p = 1 / (2·(1 + |z|)) below 0, and as 1 − p
 * above: a cell is then narrower than (1 + |z|) / 4096. Labels are 0 and 1. A z that is not a number makes every metric NaN.
 */
export class ScoreMetrics extends RowMetrics {
  readonly area = new AreaUnderCurve()
  readonly #counts = new ClassCounts(2)
  /** Σ w, NaN from the first score that is not a number. */
  #weight = 0

  constructor(private readonly threshold = 0) {
    super(1)
  }

  result(): Metrics {
    const metrics = {
      loss: this.lossSum / this.#weight,
      auc: this.area.value(),
      accuracy: this.#counts.accuracy(),
      ...this.#counts.of(1),
    }
    return this.#weight > 0 ? metrics : allNaN(metrics)
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    const score = predictions[first]!
    const fromEnd = 0.5 / (1 + Math.abs(score))
    this.#weight += Number.isNaN(score) ? NaN : weight
    this.#counts.add(label, score > this.threshold ? 1 : 0, weight)
    this.area.add(score > 0 ? 1 - fromEnd : fromEnd, label, weight)
  }
}
