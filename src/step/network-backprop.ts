import { activations } from '../activation/index.js'
import { layerParts, type NetworkShape } from '../model/network.js'
import { matrixBackpropInput, matrixBackpropWeights, type Matrix } from './matrix.js'
import type { Activations } from './network-forward.js'
import { categoryFactor, categoryIndex, type EncodedRows, type FloatVector } from './rows.js'

/**
 * Step 3, backprop, for a network: from the last layer to the first, for all rows.
 *
 *     dWˡ += (xˡ)ᵀ·dzˡ     dbiasˡ += Σ_r dzˡ[r]     dzˡ⁻¹ = (dzˡ·(Wˡ)ᵀ) ∘ activation'(zˡ⁻¹)
 *
 * The gradient is added to, row after row, as parameters are laid out. What it returns is the gradient with respect to
 * what the categories of each row brought, for backpropNetworkCategories: of the first layer's scores where E is 0, else
 * of the embeddings, C × E numbers a row. Kernel twin: engine/network-steps.ts.
 */
export function backpropNetwork(
  shape: NetworkShape,
  parameters: FloatVector,
  rows: EncodedRows,
  { inputs, scores }: Activations,
  dz: FloatVector,
  gradient: FloatVector,
): Matrix {
  const { layers, settings } = shape
  const { slope } = activations[settings.activation]
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
    for (let j = 0; j < da.length; j++) da[j]! *= slope(scores[i - 1]![j]!, inputs[i]!.words[j]!)
    slopes = down
  }
  return settings.embedding === 0 ? slopes : embeddingSlopes(shape, parameters, slopes, rows.count)
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
