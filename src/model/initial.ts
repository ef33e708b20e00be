import { Purpose, randomFraction } from '../numeric/random.js'
import { layerParts, type LayerShape, type NetworkShape } from './network.js'

/** Ways to draw the weights of a layer. */
export const initialisations = ['he', 'glorot'] as const
export type InitialisationName = (typeof initialisations)[number]

/** The parameters of categories begin within ± this, as in Keras' Embedding. */
const CATEGORY_LIMIT = 0.05

/**
 * Writes the weights that a network begins with. W is uniform in ± limit, drawn by (seed, layer, input, output), so that
 * it is the same on every machine:
 *
 *     He       limit = √(6 / inputs)                 hidden layers
 *     Glorot   limit = √(6 / (inputs + outputs))     and the layer of the scores always
 *
 * Biases and shifts are 0, gains 1. The parameters of categories are uniform in ± 0.05, drawn by (seed, category index,
 * unit): where all columns are categories, relu has no slope at the scores that zeros would give. Values to come have
 * theirs from the start too, whenever they are met. Padding stays 0.
 *
 * Sources: K. He et al., "Delving deep into rectifiers", 2015; X. Glorot, Y. Bengio, "Understanding the difficulty of
 * training deep feedforward neural networks", 2010.
 */
export function initialise(
  shape: NetworkShape,
  initialisation: InitialisationName,
  seed: number,
  parameters: Float32Array,
): void {
  shape.layers.forEach((layer, i) => {
    const { w, gain } = layerParts(layer, parameters)
    const last = i === shape.layers.length - 1
    const { first, padding } = i === 0 ? firstLayerInputs(shape) : { first: layer.inputs, padding: 0 }
    const inputs = i === 0 ? shape.dense + inputsOfCategories(shape) : layer.inputs
    const limit = Math.sqrt(6 / (last || initialisation === 'glorot' ? inputs + layer.outputs : inputs))
    drawWeights(layer, first, padding, limit, (index) => randomFraction(seed, Purpose.Weights, i, index), w)
    gain?.fill(1, 0, layer.outputs)
  })
  drawCategories(shape, seed, parameters)
}

function drawCategories(
  { v, categoryCount, categoryWidth, parametersPerCategory: units }: NetworkShape,
  seed: number,
  parameters: Float32Array,
): void {
  for (let category = 0; category < categoryCount; category++) {
    for (let unit = 0; unit < units; unit++) {
      const random = randomFraction(seed, Purpose.Categories, unit, category)
      parameters[v + category * categoryWidth + unit] = (2 * random - 1) * CATEGORY_LIMIT
    }
  }
}

/** Numbers other than 0 that the categories of a row bring into the first layer. */
function inputsOfCategories({ categories, settings }: NetworkShape): number {
  return categories * Math.max(1, settings.embedding)
}

/** Words after which the padding of the dense features begins, and their number. */
function firstLayerInputs({ dense, denseWords }: NetworkShape): { first: number; padding: number } {
  return { first: dense, padding: denseWords - dense }
}

function drawWeights(
  { inputs, outputs, outputWords }: LayerShape,
  paddingFrom: number,
  padding: number,
  limit: number,
  random: (index: number) => number,
  w: Float32Array,
): void {
  for (let k = 0; k < inputs; k++) {
    if (k >= paddingFrom && k < paddingFrom + padding) continue
    for (let j = 0; j < outputs; j++) {
      w[k * outputWords + j] = (2 * random(k * outputs + j) - 1) * limit
    }
  }
}
