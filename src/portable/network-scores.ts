import type { LayerTensors, NetworkModel } from '../model/model.js'
import { plainCategories, type RowLayout } from '../step/rows.js'
import { activationsInF32 } from './activations.js'
import { multiplyAdd } from './float32.js'
import { joined } from './linear-scores.js'
import type { EncodedRow } from './row-encoder.js'

const f32 = Math.fround
const EPSILON = f32(1e-5)

/**
 * The forward step of a network for one row, with the bits of workers/kernel/matrix.ts, embedding.ts, layer-norm.ts and
 * activation.ts: every sum is one chain of additions that starts from the bias, its terms in order.
 */
export function networkScores(model: NetworkModel, layout: RowLayout): (row: EncodedRow) => Float32Array {
  const { network, layers, categoryWeights } = model
  const { dense, denseWords, categories, factors } = layout
  const { embedding, hidden } = network
  const width = embedding || hidden[0]!
  const activate = activationsInF32[network.activation]
  const firstScaled = plainCategories(layout)
  const input = new Float32Array(dense + categories * embedding)
  const addCategory = ({ words, indices }: EncodedRow, c: number, to: Float32Array, first: number): void => {
    const entry = indices[denseWords + c]! * width
    const factor = c < firstScaled ? 1 : words[factors[c - firstScaled]!]!
    for (let j = 0; j < width; j++) {
      to[first + j] = multiplyAdd(to[first + j]!, factor, categoryWeights[entry + j]!)
    }
  }
  return (row) => {
    input.fill(0).set(row.words.subarray(0, dense))
    if (embedding > 0) for (let c = 0; c < categories; c++) addCategory(row, c, input, dense + c * width)
    let x = input
    for (const [i, layer] of layers.entries()) {
      const z = layerScores(layer, x)
      if (i === 0 && embedding === 0) for (let c = 0; c < categories; c++) addCategory(row, c, z, 0)
      x = i < hidden.length ? normalised(layer, z).map(activate) : z
    }
    return x
  }
}

/** z = bias + Σ_i x[i]·weights[i], i in order. */
function layerScores({ weights, bias }: LayerTensors, x: Float32Array): Float32Array<ArrayBuffer> {
  const z = Float32Array.from(bias)
  const units = z.length
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < units; j++) z[j] = multiplyAdd(z[j]!, x[i]!, weights[i * units + j]!)
  }
  return z
}

/** With layer norm (z − mean) / √(variance + ε)·gain + shift, else z. */
function normalised({ gain, shift }: LayerTensors, z: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (gain === undefined || shift === undefined) return z
  const mean = laneMean(z, (value) => value)
  const variance = laneMean(z, (value) => f32(f32(value - mean) * f32(value - mean)))
  const inverse = f32(1 / f32(Math.sqrt(f32(variance + EPSILON))))
  return z.map((value, j) => multiplyAdd(shift[j]!, f32(f32(value - mean) * inverse), gain[j]!))
}

/** The mean of f over a row, summed in four lanes. */
function laneMean(z: Float32Array, f: (value: number) => number): number {
  const lanes = new Float32Array(4)
  z.forEach((value, j) => (lanes[j & 3] = lanes[j & 3]! + f(value)))
  return f32(joined(lanes) / z.length)
}
