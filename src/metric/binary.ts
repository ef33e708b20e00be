import { AreaUnderCurve } from './area-under-curve.js'
import { ClassCounts } from './class-counts.js'
import { allNaN, type MetricAccumulator, type Metrics, type ScoredRows } from './metric.js'

/**
 * Metrics of the probability p of the second class: loss, area under the ROC curve, accuracy, Brier score, and precision,
 * recall and F1 of the second class.
 *
 *     accuracy = Σ w·[(p > ½) = y] / Σ w        brier = Σ w·(p − y)² / Σ w
 *
 * Labels are 0 and 1. p = ½ counts as the first class. With two outputs a row, p is the second one. A p that is not a
 * number makes every metric NaN.
 * Source of the Brier score: G. Brier, "Verification of forecasts expressed in terms of probability", 1950.
 */
export class BinaryMetrics implements MetricAccumulator {
  readonly area = new AreaUnderCurve()
  readonly #counts = new ClassCounts(2)
  readonly #outputs: number
  #loss = 0
  #weight = 0
  #squares = 0

  constructor(outputs: number) {
    this.#outputs = outputs
  }

  addRows({
    predictions,
    firstPrediction,
    words,
    firstWord,
    strideWords,
    labelWord,
    weightWord,
    count,
  }: ScoredRows) {
    const outputs = this.#outputs
    let row = firstWord
    let prediction = firstPrediction + outputs - 1
    for (let r = 0; r < count; r++) {
      const probability = predictions[prediction]!
      const label = words[row + labelWord]!
      const weight = words[row + weightWord]!
      const error = probability - label
      this.#weight += weight
      this.#squares += weight * error * error
      this.#counts.add(label, probability > 0.5 ? 1 : 0, weight)
      this.area.add(probability, label, weight)
      row += strideWords
      prediction += outputs
    }
  }

  addLoss(sumOfWeightedLoss: number): void {
    this.#loss += sumOfWeightedLoss
  }

  result(): Metrics {
    const brier = this.#squares / this.#weight
    const metrics = {
      loss: this.#loss / this.#weight,
      auc: this.area.value(),
      accuracy: this.#counts.accuracy(),
      brier,
      ...this.#counts.of(1),
    }
    return Number.isNaN(brier) ? allNaN(metrics) : metrics
  }
}
