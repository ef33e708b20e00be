import type { Cells } from './cells.js'

/** A part of the rows, as they are ranked by their prediction. */
export interface RankedPart {
  /** Σ w */
  readonly rows: number
  /** Means over its rows, weighted. */
  readonly prediction: number
  readonly outcome: number
}

/**
 * Rows in the order of their predictions, from a histogram: what a sort would need all of them for.
 *
 * Rows of one cell count as equal: where a part ends within a cell, it has its share of the cell's sums. So the border of a part
 * is off by less than the width of a cell, and no more. Memory: three f64 a cell, of which only the pages in use are touched.
 */
export class RankedRows {
  readonly #rows: Float64Array
  readonly #predictions: Float64Array
  readonly #outcomes: Float64Array

  constructor(private readonly cells: Cells) {
    this.#rows = new Float64Array(cells.count)
    this.#predictions = new Float64Array(cells.count)
    this.#outcomes = new Float64Array(cells.count)
  }

  add(prediction: number, outcome: number, weight: number): void {
    const cell = this.cells.of(prediction)
    this.#rows[cell]! += weight
    this.#predictions[cell]! += weight * prediction
    this.#outcomes[cell]! += weight * outcome
  }

  /** All rows. */
  get whole(): RankedPart {
    const sum = (cells: Float64Array): number => cells.reduce((total, each) => total + each, 0)
    return meansOf(sum(this.#rows), sum(this.#predictions), sum(this.#outcomes))
  }

  /** `count` parts of equal weight, the largest predictions first. None where there is no weight. */
  parts(count: number): RankedPart[] {
    const each = this.whole.rows / count
    if (!(each > 0)) return []
    const parts: RankedPart[] = []
    let [rows, predictions, outcomes] = [0, 0, 0]
    const end = (): void => {
      parts.push(meansOf(rows, predictions, outcomes))
      rows = predictions = outcomes = 0
    }
    for (let cell = this.cells.count - 1; cell >= 0; cell--) {
      const inCell = this.#rows[cell]!
      for (let left = inCell; left > 0;) {
        const isLast = parts.length === count - 1
        const taken = isLast ? left : Math.min(left, each - rows)
        rows += taken
        predictions += this.#predictions[cell]! * (taken / inCell)
        outcomes += this.#outcomes[cell]! * (taken / inCell)
        left -= taken
        if (!isLast && rows >= each) end()
      }
    }
    end()
    return parts
  }
}

function meansOf(rows: number, predictions: number, outcomes: number): RankedPart {
  return { rows, prediction: predictions / rows, outcome: outcomes / rows }
}
