/** Beyond so many classes the table would take more memory than a run. */
export const MOST_CONFUSED_CLASSES = 1024

/** Rows by the class that they have and the one that is predicted: counts[label][predicted], weighted. */
export class ConfusionMatrix {
  readonly #counts: Float64Array

  constructor(private readonly classes: number) {
    this.#counts = new Float64Array(classes * classes)
  }

  add(label: number, predicted: number, weight: number): void {
    this.#counts[label * this.classes + predicted]! += weight
  }

  get counts(): number[][] {
    const { classes } = this
    return Array.from({ length: classes }, (_, label) => [
      ...this.#counts.subarray(label * classes, (label + 1) * classes),
    ])
  }
}
