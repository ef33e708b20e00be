import { activations } from '../activation/index.js'
import { layerParts, type NetworkShape } from '../model/network.js'
import { matrixForward, type Matrix } from './matrix.js'
import { categoryFactor, categoryIndex, rowStart, type EncodedRows, type FloatVector } from './rows.js'

/** What backprop needs of forward: for every layer its inputs, and for hidden layers the scores before they were activated. */
export interface Activations {
  readonly inputs: readonly Matrix[]
  readonly scores: readonly FloatVector[]
}

/**
 * Step 1, forward, for a network: layer after layer, for all rows.
 *
 *     x⁰ = dense features, then E numbers for each category        x⁰ = dense features, where E is 0
 *     zˡ = xˡ·Wˡ + biasˡ                                           z⁰ = x⁰·W⁰ + bias⁰ + Σ_c f[c]·v[index[c]]
 *     xˡ⁺¹ = activation(zˡ)                                        z = that of the last layer
 *
 * f is 1, or the dense feature that scales the category. z holds count × K numbers. Kernel twin: engine/network-steps.ts.
 */
export function forwardNetwork(
  shape: NetworkShape,
  parameters: FloatVector,
  rows: EncodedRows,
  z: FloatVector,
): Activations {
  const { layers, settings } = shape
  const { value } = activations[settings.activation]
  const inputs: Matrix[] = [firstInputs(shape, parameters, rows)]
  const scores: FloatVector[] = []
  layers.forEach((layer, i) => {
    const { w, bias } = layerParts(layer, parameters)
    const isLast = i === layers.length - 1
    const out = isLast ? z : new Float64Array(rows.count * layer.outputs)
    const matrix = { words: w, first: 0, step: layer.outputWords }
    const result = { words: out, first: 0, step: layer.outputs }
    matrixForward(inputs[i]!, matrix, bias, result, rows.count, layer.inputs, layer.outputs)
    if (i === 0 && settings.embedding === 0) addCategories(shape, parameters, rows, result)
    if (isLast) return
    scores.push(out)
    inputs.push({ words: Float64Array.from(out, value), first: 0, step: layer.outputs })
  })
  return { inputs, scores }
}

/** The encoded rows themselves, or, with embeddings, a copy of their dense features and the numbers that their categories become. */
function firstInputs(shape: NetworkShape, parameters: FloatVector, rows: EncodedRows): Matrix {
  const { denseWords, categories, settings, v, layers } = shape
  const { embedding } = settings
  if (embedding === 0) return { words: rows.words, first: rows.firstWord, step: rows.layout.strideWords }
  const step = layers[0]!.inputs
  const words = new Float64Array(rows.count * step)
  for (let r = 0; r < rows.count; r++) {
    const from = rowStart(rows, r)
    words.set(rows.words.subarray(from, from + denseWords), r * step)
    for (let c = 0; c < categories; c++) {
      const entry = v + categoryIndex(rows, r, c) * embedding
      const to = r * step + denseWords + c * embedding
      for (let k = 0; k < embedding; k++) {
        words[to + k] = categoryFactor(rows, r, c) * parameters[entry + k]!
      }
    }
  }
  return { words, first: 0, step }
}

/** z[r] += Σ_c f[r][c]·v[index[r][c]] */
function addCategories(
  { categories, categoryWidth, v, layers }: NetworkShape,
  parameters: FloatVector,
  rows: EncodedRows,
  z: Matrix,
): void {
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < categories; c++) {
      const entry = v + categoryIndex(rows, r, c) * categoryWidth
      for (let k = 0; k < layers[0]!.outputs; k++) {
        z.words[z.first + r * z.step + k]! += categoryFactor(rows, r, c) * parameters[entry + k]!
      }
    }
  }
}
