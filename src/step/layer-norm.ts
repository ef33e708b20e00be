import type { Matrix } from './matrix.js'
import type { FloatVector } from './rows.js'

/** Added to the variance, as in PyTorch. */
const EPSILON = 1e-5

/**
 * Layer norm forward: each row at mean 0 and variance 1, then scaled and shifted unit by unit.
 *
 *     x̂ = (z − mean) / √(variance + ε)     y[r][j] = x̂[r][j]·gain[j] + shift[j]
 *
 * Mean and variance (÷ units) are of the row; `statistics` gets mean and 1 / √(variance + ε) of each row. Kernel twin:
 * layerNormForward. Source: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer normalization", 2016.
 */
export function layerNormForward(
  z: Matrix,
  gain: FloatVector,
  shift: FloatVector,
  y: Matrix,
  statistics: FloatVector,
  rows: number,
  units: number,
): void {
  for (let r = 0; r < rows; r++) {
    const row = z.words.subarray(z.first + r * z.step, z.first + r * z.step + units)
    const mean = meanOf(row, (score) => score)
    const inverse = 1 / Math.sqrt(meanOf(row, (score) => (score - mean) ** 2) + EPSILON)
    statistics[2 * r] = mean
    statistics[2 * r + 1] = inverse
    for (let j = 0; j < units; j++) {
      y.words[y.first + r * y.step + j] = (row[j]! - mean) * inverse * gain[j]! + shift[j]!
    }
  }
}

/**
 * Layer norm backward, with g = dy·gain; dgain and dshift are added to row after row.
 *
 *     dz = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + ε)
 *     dgain[j] += Σ_r dy[r][j]·x̂[r][j]     dshift[j] += Σ_r dy[r][j]
 *
 * Kernel twin: layerNormBackprop.
 */
export function layerNormBackprop(
  z: Matrix,
  gain: FloatVector,
  dy: Matrix,
  dz: Matrix,
  dgain: FloatVector,
  dshift: FloatVector,
  statistics: FloatVector,
  rows: number,
  units: number,
): void {
  for (let r = 0; r < rows; r++) {
    const mean = statistics[2 * r]!
    const inverse = statistics[2 * r + 1]!
    const normal = Float64Array.from({ length: units }, (_, j) => {
      return (z.words[z.first + r * z.step + j]! - mean) * inverse
    })
    const slopes = Float64Array.from({ length: units }, (_, j) => dy.words[dy.first + r * dy.step + j]!)
    const meanSlope = meanOf(slopes, (slope, j) => slope * gain[j]!)
    const meanProduct = meanOf(slopes, (slope, j) => slope * gain[j]! * normal[j]!)
    for (let j = 0; j < units; j++) {
      dgain[j]! += slopes[j]! * normal[j]!
      dshift[j]! += slopes[j]!
      dz.words[dz.first + r * dz.step + j] =
        (slopes[j]! * gain[j]! - meanSlope - normal[j]! * meanProduct) * inverse
    }
  }
}

function meanOf(row: FloatVector, value: (number: number, j: number) => number): number {
  let sum = 0
  for (let j = 0; j < row.length; j++) sum += value(row[j]!, j)
  return sum / row.length
}
