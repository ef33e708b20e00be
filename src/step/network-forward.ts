import { activations, type ActivationName } from '../activation/index.js'
import { layerParts, type LayerShape, type NetworkShape } from '../model/network.js'
import { dropout } from './dropout.js'
import { layerNormForward } from './layer-norm.js'
import { matrixForward, type Matrix } from './matrix.js'
import { categoryFactor, categoryIndex, rowStart, type EncodedRows, type FloatVector } from './rows.js'

/** What backprop needs of forward. */
export interface Activations {
  /** For every layer what goes in. */
  readonly inputs: readonly Matrix[]
  readonly hidden: readonly HiddenActivations[]
}

/** Of one hidden layer: rows of `outputs` numbers each. */
export interface HiddenActivations {
  readonly scores: Matrix
  /** Normalised by layer norm; else the scores themselves. */
  readonly normal: Matrix
  /** Mean and inverse deviation of every row, where there is layer norm. */
  readonly statistics: FloatVector
  /** Before any was left out. */
  readonly activated: FloatVector
}

/** What a training step leaves out. */
export interface Dropout {
  readonly threshold: number
  readonly scale: number
  /** Random bits of each hidden layer in this step. */
  readonly keys: readonly number[]
  /** Number of the first row within the mini-batch. */
  readonly firstRow: number
}

/**
 * Step 1, forward, for a network: layer after layer, for all rows.
 *
 *     x⁰ = dense features, then E numbers for each category        x⁰ = dense features, where E is 0
 *     zˡ = xˡ·Wˡ + biasˡ                                           z⁰ = x⁰·W⁰ + bias⁰ + Σ_c f[c]·v[index[c]]
 *     xˡ⁺¹ = dropout(activation(norm(zˡ)))                         z = that of the last layer
 *
 * f is 1, or the dense feature that scales the category; norm is layer norm, or nothing. z holds count × K numbers.
 * Kernel twin: engine/network-steps.ts.
 */
export function forwardNetwork(
  shape: NetworkShape,
  parameters: FloatVector,
  rows: EncodedRows,
  z: FloatVector,
  leftOut?: Dropout,
): Activations {
  const { layers, settings } = shape
  const inputs: Matrix[] = [firstInputs(shape, parameters, rows)]
  const hidden: HiddenActivations[] = []
  layers.forEach((layer, i) => {
    const { w, bias } = layerParts(layer, parameters)
    const isLast = i === layers.length - 1
    const words = isLast ? z : new Float64Array(rows.count * layer.outputs)
    const out = { words, first: 0, step: layer.outputs }
    const matrix = { words: w, first: 0, step: layer.outputWords }
    matrixForward(inputs[i]!, matrix, bias, out, rows.count, layer.inputs, layer.outputs)
    if (i === 0 && settings.embedding === 0) addCategories(shape, parameters, rows, out)
    if (isLast) return
    const kept = activate(settings.activation, layer, parameters, out, rows.count)
    hidden.push(kept)
    inputs.push(leaveOut(kept.activated, layer.outputs, i, rows.count, leftOut))
  })
  return { inputs, hidden }
}

/** Layer norm, where the layer has it, and activation. */
function activate(
  name: ActivationName,
  layer: LayerShape,
  parameters: FloatVector,
  scores: Matrix,
  count: number,
): HiddenActivations {
  const { gain, shift } = layerParts(layer, parameters)
  const statistics = new Float64Array(2 * count)
  let normal = scores
  if (gain !== undefined && shift !== undefined) {
    normal = { ...scores, words: new Float64Array(scores.words.length) }
    layerNormForward(scores, gain, shift, normal, statistics, count, layer.outputs)
  }
  const { value } = activations[name]
  return { scores, normal, statistics, activated: Float64Array.from(normal.words, (z) => value(z)) }
}

function leaveOut(
  activated: FloatVector,
  units: number,
  layer: number,
  count: number,
  step: Dropout | undefined,
): Matrix {
  const x = { words: activated.slice(), first: 0, step: units }
  if (step !== undefined && step.threshold > 0) {
    dropout(x, count, units, step.keys[layer]!, step.firstRow, step.threshold, step.scale)
  }
  return x
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
