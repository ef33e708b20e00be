import type { LinearModel } from '../model/model.js'
import { plainCategories, type RowLayout } from '../step/rows.js'
import { multiplyAdd } from './float32.js'
import type { EncodedRow } from './row-encoder.js'

/**
 * The forward step of a linear model for one row, with the bits of workers/kernel/linear-forward.ts and scaled.ts.
 *
 *     z[k] = ((bias[k] + Σ_d x[d]·w[k][d]) + v[index_0][k]) + v[index_1][k] …
 *
 * Σ_d is four partial sums, one for each d mod 4, joined as (0 + 2) + (1 + 3). A category that a number multiplies adds f·v.
 */
export function linearScores(model: LinearModel, layout: RowLayout): (row: EncodedRow) => Float32Array {
  const { outputs, weights, bias, categoryWeights } = model
  const { dense, denseWords, categories, factors } = layout
  const firstScaled = plainCategories(layout)
  const z = new Float32Array(outputs)
  const lanes = new Float32Array(4)
  const dotProduct = (words: Float32Array, first: number): number => {
    lanes.fill(0)
    for (let d = 0; d < dense; d++) lanes[d & 3] = multiplyAdd(lanes[d & 3]!, words[d]!, weights[first + d]!)
    return joined(lanes)
  }
  return ({ words, indices }) => {
    for (let k = 0; k < outputs; k++) z[k] = dotProduct(words, k * dense) + bias[k]!
    for (let c = 0; c < categories; c++) {
      const entry = indices[denseWords + c]! * outputs
      const factor = c < firstScaled ? 1 : words[factors[c - firstScaled]!]!
      for (let k = 0; k < outputs; k++) z[k] = multiplyAdd(z[k]!, factor, categoryWeights[entry + k]!)
    }
    return z
  }
}

/** Four partial sums → their sum, (0 + 2) + (1 + 3). */
export function joined(lanes: Float32Array): number {
  return Math.fround(Math.fround(lanes[0]! + lanes[2]!) + Math.fround(lanes[1]! + lanes[3]!))
}
