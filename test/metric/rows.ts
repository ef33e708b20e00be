import { type ScoredRows } from '../../src/metric/index.js'

export interface Scores {
  outputs: number
  predictions: readonly number[]
  labels: readonly number[]
  weights: readonly number[]
}

/** Rows laid out as the parser does: other words around label and weight, and rows before the first one. */
export function scoredRows({ outputs, predictions, labels, weights }: Scores): ScoredRows {
  const layout = { firstWord: 16, strideWords: 8, labelWord: 5, weightWord: 6 }
  const words = new Float32Array(layout.firstWord + labels.length * layout.strideWords).fill(NaN)
  labels.forEach((label, r) => {
    const row = layout.firstWord + r * layout.strideWords
    words[row + layout.labelWord] = label
    words[row + layout.weightWord] = weights[r]!
  })
  const firstPrediction = 3
  const padded = new Float32Array(firstPrediction + labels.length * outputs).fill(NaN)
  padded.set(predictions, firstPrediction)
  return { predictions: padded, firstPrediction, words, count: labels.length, ...layout }
}
