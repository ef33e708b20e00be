import { AreaUnderCurve } from './area-under-curve.js'
import { ClassCounts } from './class-counts.js'
import { allNaN, type Metrics } from './metric.js'
import { RowMetrics } from './row-metrics.js'

/**
 * Metrics of the probability p of the second class: loss, area under the ROC curve, accuracy, Brier score, and precision,
 * recall and F1 of the second class.
 *
 *     accuracy = Σ w·[(p > t) = y] / Σ w        brier = Σ w·(p − y)² / Σ w
 *
 * Labels are 0 and 1. t is the threshold, ½; p = t counts as the first class. With two outputs a row, p is the second one. A p that is not a
 * number makes every metric NaN.
 * Source of the Brier score: G. Brier, "Verification of forecasts expressed in terms of probability", 1950.
 */
export class BinaryMetrics extends RowMetrics {
  readonly area = new AreaUnderCurve()
  readonly #counts = new ClassCounts(2)
  /** The prediction of a row that is p. */
  readonly #second: number
  #weight = 0
  #squares = 0

  constructor(
    outputs: number,
    private readonly threshold = 0.5,
  ) {
    super(outputs)
    this.#second = outputs - 1
  }

  result(): Metrics {
    const brier = this.#squares / this.#weight
    const metrics = {
      loss: this.lossSum / this.#weight,
      auc: this.area.value(),
      accuracy: this.#counts.accuracy(),
      brier,
      ...this.#counts.of(1),
    }
    return Number.isNaN(brier) ? allNaN(metrics) : metrics
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    const probability = predictions[first + this.#second]!
    const error = probability - label
    this.#weight += weight
    this.#squares += weight * error * error
    this.#counts.add(label, probability > this.threshold ? 1 : 0, weight)
    this.area.add(probability, label, weight)
  }
}
