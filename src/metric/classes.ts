import type { MetricAccumulator, Metrics, ScoredRows } from './metric.js'

/**
 * Loss and accuracy over several classes.
 *
 *     accuracy = Σ w·[argmax_k p_k = y] / Σ w
 *
 * Labels are 0 … K − 1. Of equal predictions the first counts. A prediction that is not a number makes both NaN.
 */
export class ClassMetrics implements MetricAccumulator {
  readonly #outputs: number
  #loss = 0
  #weight = 0
  #right = 0

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
    for (let r = 0; r < count; r++) {
      const weight = words[row + weightWord]!
      const chosen = largest(predictions, firstPrediction + r * outputs, outputs)
      this.#weight += weight
      if (chosen < 0) this.#right = NaN
      else if (chosen === words[row + labelWord]!) this.#right += weight
      row += strideWords
    }
  }

  addLoss(sumOfWeightedLoss: number): void {
    this.#loss += sumOfWeightedLoss
  }

  result(): Metrics {
    const accuracy = this.#right / this.#weight
    return { loss: Number.isNaN(accuracy) ? NaN : this.#loss / this.#weight, accuracy }
  }
}

/** Index of the largest of `count` values, the first where several are, −1 where one is not a number. */
function largest(values: Float32Array, first: number, count: number): number {
  let best = 0
  for (let k = 0; k < count; k++) {
    const value = values[first + k]!
    if (Number.isNaN(value)) return -1
    if (value > values[first + best]!) best = k
  }
  return best
}
