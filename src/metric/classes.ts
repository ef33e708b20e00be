import { ClassCounts } from './class-counts.js'
import { allNaN, type Metrics } from './metric.js'
import { RowMetrics } from './row-metrics.js'

/**
 * Loss and accuracy over several classes; precision, recall and F1 as their means over the classes (macro).
 *
 *     accuracy = Σ w·[argmax_k p_k = y] / Σ w
 *
 * Labels are 0 … K − 1. Of equal predictions the first counts. A prediction that is not a number makes all of
 * them NaN.
 */
export class ClassMetrics extends RowMetrics {
  readonly #classes: number
  readonly #counts: ClassCounts
  /** Σ w, NaN from the first prediction that is not a number. */
  #weight = 0

  constructor(outputs: number) {
    super(outputs)
    this.#classes = outputs
    this.#counts = new ClassCounts(outputs)
  }

  result(): Metrics {
    const metrics = {
      loss: this.lossSum / this.#weight,
      accuracy: this.#counts.accuracy(),
      ...this.#counts.macro(),
    }
    return this.#weight > 0 ? metrics : allNaN(metrics)
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    const chosen = largest(predictions, first, this.#classes)
    if (chosen < 0) this.#weight = NaN
    else this.#counts.add(label, chosen, weight)
    this.#weight += weight
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
