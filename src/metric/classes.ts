import { ClassCounts } from './class-counts.js'
import { allNaN, type MetricAccumulator, type Metrics, type ScoredRows } from './metric.js'

/**
 * Loss and accuracy over several classes; precision, recall and F1 as their means over the classes (macro).
 *
 *     accuracy = Σ w·[argmax_k p_k = y] / Σ w
 *
 * Labels are 0 … K − 1. Of equal predictions the first counts. A prediction that is not a number makes all of
 * them NaN.
 */
export class ClassMetrics implements MetricAccumulator {
  readonly #outputs: number
  readonly #counts: ClassCounts
  #loss = 0
  /** Σ w, NaN from the first prediction that is not a number. */
  #weight = 0

  constructor(outputs: number) {
    this.#outputs = outputs
    this.#counts = new ClassCounts(outputs)
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
      if (chosen < 0) this.#weight = NaN
      else this.#counts.add(words[row + labelWord]!, chosen, weight)
      this.#weight += weight
      row += strideWords
    }
  }

  addLoss(sumOfWeightedLoss: number): void {
    this.#loss += sumOfWeightedLoss
  }

  result(): Metrics {
    const metrics = {
      loss: this.#loss / this.#weight,
      accuracy: this.#counts.accuracy(),
      ...this.#counts.macro(),
    }
    return this.#weight > 0 ? metrics : allNaN(metrics)
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
