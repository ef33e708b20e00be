import type { ActivationName } from '../activation/index.js'
import { roundUpToFour, type FloatVector, type RowLayout } from '../step/rows.js'
import { layerInputs } from './embedding.js'
import type { ParameterShape } from './model-shape.js'

/** What a network is made of, besides its inputs and outputs. */
export interface NetworkSettings {
  /** Units of the hidden layers, one or more. */
  readonly hidden: readonly number[]
  readonly activation: ActivationName
  /** Whether the scores of hidden layers are normalised before they are activated. */
  readonly layerNorm: boolean
  /** E: numbers that a category becomes; 0: categories add to the first layer's scores directly. */
  readonly embedding: number
}

/** One layer: z = x·W + bias, and where its parts lie in the vector of all parameters, in words. */
export interface LayerShape {
  /** Rows of W: those of the first layer count the padding of dense features. */
  readonly inputs: number
  readonly outputs: number
  /** Words of a row of W, of the bias, gain and shift: outputs rounded up to a multiple of 4. */
  readonly outputWords: number
  /** W, inputs × outputWords. */
  readonly w: number
  readonly bias: number
  /** Of layer norm, in hidden layers that have it. */
  readonly gain: number | undefined
  readonly shift: number | undefined
}

/**
 * Where the parameters of a network lie in one vector of f32, in words: layer after layer, then v.
 *
 *     W      inputs × outputWords     a row per input, so that a row of scores is a sum of rows of W
 *     bias   outputWords
 *     gain   outputWords              with layer norm, in hidden layers
 *     shift  outputWords
 *     v      categoryCount × E, or × outputWords of the first layer where E is 0
 */
export interface NetworkShape extends ParameterShape {
  readonly kind: 'network'
  readonly settings: NetworkSettings
  /** The hidden ones, then that of the scores. */
  readonly layers: readonly LayerShape[]
}

/** Lays out the parameters for rows of this layout, K outputs and this many category indices. */
export function networkShape(
  layout: RowLayout,
  outputs: number,
  categoryCount: number,
  settings: NetworkSettings,
): NetworkShape {
  const { dense, denseWords, categories } = layout
  const { hidden, layerNorm, embedding } = settings
  const layers: LayerShape[] = []
  let word = 0
  let inputs = layerInputs(layout, embedding)
  for (const [i, units] of [...hidden, outputs].entries()) {
    const layer = layerShape(word, inputs, units, layerNorm && i < hidden.length)
    layers.push(layer)
    word = layerEnd(layer)
    inputs = units
  }
  const categoryWidth = embedding > 0 ? embedding : layers[0]!.outputWords
  const perCategory = embedding > 0 ? embedding : hidden[0]!
  const padding = (denseWords - dense) * hidden[0]!
  return {
    kind: 'network',
    settings,
    layers,
    outputs,
    dense,
    denseWords,
    categories,
    categoryCount,
    categoryWidth,
    v: word,
    words: word + roundUpToFour(categoryCount * categoryWidth),
    denseParameterWords: word,
    parameters: layers.reduce(
      (sum, layer) => sum + layerParameters(layer),
      categoryCount * perCategory - padding,
    ),
    parametersPerCategory: perCategory,
    biases: layers.map((layer) => ({ from: layer.bias, to: layerEnd(layer) })),
  }
}

function layerShape(first: number, inputs: number, outputs: number, layerNorm: boolean): LayerShape {
  const outputWords = paddedRow(outputs)
  const bias = first + inputs * outputWords
  const gain = layerNorm ? bias + outputWords : undefined
  const shift = layerNorm ? bias + 2 * outputWords : undefined
  return { inputs, outputs, outputWords, w: first, bias, gain, shift }
}

/**
 * Words of a row of W, of whole vectors. Rows of a power of two lie so that few sets of a cache hold a column: four words more
 * make a product up to 1.5 times as fast.
 */
function paddedRow(outputs: number): number {
  const words = roundUpToFour(outputs)
  return words % 64 === 0 ? words + 4 : words
}

function layerEnd({ bias, gain, outputWords }: LayerShape): number {
  return bias + (gain === undefined ? 1 : 3) * outputWords
}

function layerParameters({ inputs, outputs, gain }: LayerShape): number {
  return inputs * outputs + (gain === undefined ? 1 : 3) * outputs
}

/** Views of the parts of one layer in a parameter (or gradient) vector; nothing is copied. */
export function layerParts<Vector extends FloatVector>(
  { inputs, outputWords, w, bias, gain, shift }: LayerShape,
  vector: Vector,
): { w: Vector; bias: Vector; gain: Vector | undefined; shift: Vector | undefined } {
  const view = (from: number, words: number): Vector => vector.subarray(from, from + words) as Vector
  return {
    w: view(w, inputs * outputWords),
    bias: view(bias, outputWords),
    gain: gain === undefined ? undefined : view(gain, outputWords),
    shift: shift === undefined ? undefined : view(shift, outputWords),
  }
}
