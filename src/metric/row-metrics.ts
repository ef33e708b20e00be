import type { MetricAccumulator, Metrics, ScoredRows } from './metric.js'

/** Metrics that look at one row after the other: a metric says what a row adds, and what the sums come to. */
export abstract class RowMetrics implements MetricAccumulator {
  /** Σ w·loss. */
  protected lossSum = 0

  /** @param outputs predictions a row */
  constructor(private readonly outputs: number) {}

  addRows(rows: ScoredRows): void {
    const { predictions, words, strideWords, labelWord, weightWord, count } = rows
    const { outputs } = this
    let { firstPrediction: prediction, firstWord: row } = rows
    for (let r = 0; r < count; r++) {
      this.addRow(predictions, prediction, words[row + labelWord]!, words[row + weightWord]!)
      row += strideWords
      prediction += outputs
    }
  }

  addLoss(sumOfWeightedLoss: number): void {
    this.lossSum += sumOfWeightedLoss
  }

  abstract result(): Metrics

  /** Adds one row, whose predictions begin at entry `first`. */
  protected abstract addRow(predictions: Float32Array, first: number, label: number, weight: number): void
}
