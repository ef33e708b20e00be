import { activations } from '../activation/index.js'
import { layerParts, type NetworkShape } from '../model/network.js'
import { dropout } from './dropout.js'
import { layerNormBackprop } from './layer-norm.js'
import { matrixBackpropInput, matrixBackpropWeights, type Matrix } from './matrix.js'
import type { Activations, Dropout, HiddenActivations } from './network-forward.js'
import { categoryFactor, categoryIndex, type EncodedRows, type FloatVector } from './rows.js'

/**
 * Step 3, backprop, for a network: from the last layer to the first, for all rows.
 *
 *     dWˡ += (xˡ)ᵀ·dzˡ     dbiasˡ += Σ_r dzˡ[r]     dzˡ⁻¹ = norm'(activation'(dropout(dzˡ·(Wˡ)ᵀ)))
 *
 * The gradient is added to, row after row, as parameters are laid out. What it returns is the gradient with respect to
 * what the categories of each row brought, for backpropNetworkCategories: of the first layer's scores where E is 0, else
 * of the embeddings, C × E numbers a row. Kernel twin: engine/network-steps.ts.
 */
export function backpropNetwork(
  shape: NetworkShape,
  parameters: FloatVector,
  rows: EncodedRows,
  { inputs, hidden }: Activations,
  dz: FloatVector,
  gradient: FloatVector,
  leftOut?: Dropout,
): Matrix {
  const { layers, settings } = shape
  let slopes: Matrix = { words: dz, first: 0, step: shape.outputs }
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i]!
    const { w: dw, bias: db } = layerParts(layer, gradient)
    const dW = { words: dw, first: 0, step: layer.outputWords }
    matrixBackpropWeights(inputs[i]!, slopes, dW, db, rows.count, layer.inputs, layer.outputs)
    if (i === 0) break
    const da = new Float64Array(rows.count * layer.inputs)
    const down = { words: da, first: 0, step: layer.inputs }
    const w = { words: layerParts(layer, parameters).w, first: 0, step: layer.outputWords }
    matrixBackpropInput(slopes, w, down, rows.count, layer.inputs, layer.outputs)
    if (leftOut !== undefined && leftOut.threshold > 0) {
      const { keys, firstRow, threshold, scale } = leftOut
      dropout(down, rows.count, layer.inputs, keys[i - 1]!, firstRow, threshold, scale)
    }
    backpropHidden(shape, i - 1, parameters, hidden[i - 1]!, down, gradient, rows.count)
    slopes = down
  }
  return settings.embedding === 0 ? slopes : embeddingSlopes(shape, parameters, slopes, rows.count)
}

/** Slopes of a hidden layer's activations → those of its scores, in place. */
function backpropHidden(
  { layers, settings }: NetworkShape,
  i: number,
  parameters: FloatVector,
  { scores, normal, statistics, activated }: HiddenActivations,
  slopes: Matrix,
  gradient: FloatVector,
  count: number,
): void {
  const { slope } = activations[settings.activation]
  const { words } = slopes
  for (let j = 0; j < words.length; j++) words[j]! *= slope(normal.words[j]!, activated[j]!)
  const layer = layers[i]!
  const { gain } = layerParts(layer, parameters)
  const { gain: dgain, shift: dshift } = layerParts(layer, gradient)
  if (gain === undefined || dgain === undefined || dshift === undefined) return
  layerNormBackprop(scores, gain, slopes, slopes, dgain, dshift, statistics, count, layer.outputs)
}

function embeddingSlopes(shape: NetworkShape, parameters: FloatVector, dz: Matrix, count: number): Matrix {
  const { categories, denseWords, layers, settings } = shape
  const layer = layers[0]!
  const columns = categories * settings.embedding
  const w = {
    words: layerParts(layer, parameters).w,
    first: denseWords * layer.outputWords,
    step: layer.outputWords,
  }
  const dx = { words: new Float64Array(count * columns), first: 0, step: columns }
  matrixBackpropInput(dz, w, dx, count, columns, layer.outputs)
  return dx
}

/** The sparse part: dv[index[r][c]] += f[r][c]·slopes[r], those of category c where there are embeddings. */
export function backpropNetworkCategories(
  shape: NetworkShape,
  rows: EncodedRows,
  slopes: Matrix,
  gradient: FloatVector,
): void {
  const { v, categories, categoryWidth, parametersPerCategory, settings } = shape
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < categories; c++) {
      const entry = v + categoryIndex(rows, r, c) * categoryWidth
      const from = slopes.first + r * slopes.step + c * settings.embedding
      for (let k = 0; k < parametersPerCategory; k++) {
        gradient[entry + k]! += categoryFactor(rows, r, c) * slopes.words[from + k]!
      }
    }
  }
}
