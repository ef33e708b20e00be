/**
 * Weights of rows by class: how many were labelled, predicted, and both.
 *
 *     precision[k] = right[k] / predicted[k]     recall[k] = right[k] / labelled[k]
 *     f1[k] = 2·right[k] / (labelled[k] + predicted[k])
 *
 * A quotient 0 / 0 is 0, and all three are NaN for a class that no row has and none is predicted to have. The mean over the
 * classes (macro) leaves such classes out. As scikit-learn does by default.
 * Source: C. J. van Rijsbergen, "Information Retrieval", 1979.
 */
export class ClassCounts {
  readonly #labelled: Float64Array
  readonly #predicted: Float64Array
  readonly #right: Float64Array

  constructor(classes: number) {
    this.#labelled = new Float64Array(classes)
    this.#predicted = new Float64Array(classes)
    this.#right = new Float64Array(classes)
  }

  add(label: number, predicted: number, weight: number): void {
    this.#labelled[label]! += weight
    this.#predicted[predicted]! += weight
    if (label === predicted) this.#right[label]! += weight
  }

  /** Σ_k right[k] / Σ_k labelled[k]; NaN while there is no weight. */
  accuracy(): number {
    const sum = (weights: Float64Array): number => weights.reduce((total, weight) => total + weight, 0)
    return sum(this.#right) / sum(this.#labelled)
  }

  /** Of one class. */
  of(k: number): ClassScores {
    const [labelled, predicted, right] = [this.#labelled[k]!, this.#predicted[k]!, this.#right[k]!]
    if (labelled + predicted === 0) return { precision: NaN, recall: NaN, f1: NaN }
    return {
      precision: predicted === 0 ? 0 : right / predicted,
      recall: labelled === 0 ? 0 : right / labelled,
      f1: (2 * right) / (labelled + predicted),
    }
  }

  /** The mean over the classes that occur. */
  macro(): ClassScores {
    const mean = { precision: 0, recall: 0, f1: 0 }
    let classes = 0
    for (let k = 0; k < this.#labelled.length; k++) {
      const { precision, recall, f1 } = this.of(k)
      if (Number.isNaN(f1)) continue
      classes++
      mean.precision += precision
      mean.recall += recall
      mean.f1 += f1
    }
    return { precision: mean.precision / classes, recall: mean.recall / classes, f1: mean.f1 / classes }
  }
}

export interface ClassScores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}
