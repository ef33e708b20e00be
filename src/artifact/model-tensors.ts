import type { TrainedModel, LayerTensors, LinearTensors, NetworkTensors } from '../model/model.js'
import type { NetworkSettings } from '../model/network.js'
import { categoryIndices, denseFeatures, featureColumns, type Schema } from '../schema/schema.js'
import { modelInvalid } from './check.js'
import type { Tensor } from './safetensors.js'

/** The name and the shape that a tensor must have. */
export interface TensorShape {
  readonly name: string
  readonly shape: readonly number[]
}

/** Parts of a layer, in the order of the file. */
const layerParts = ['weights', 'bias', 'gain', 'shift'] as const

/**
 * The tensors of a model file (docs/model-file.md), in their order. D dense features, C category columns, N category
 * indices, K outputs:
 *
 *     linear    weights [K, D]   bias [K]   category_weights [N, K]
 *     network   layer_<i>.weights [inputs, units]   .bias, .gain, .shift [units]   category_weights [N, E or units of layer 0]
 */
export function tensorShapes(
  schema: Schema,
  outputs: number,
  network: NetworkSettings | undefined,
): TensorShape[] {
  const dense = denseFeatures(schema).length
  const { categories } = featureColumns(schema)
  const indices = categoryIndices(schema)
  if (network === undefined) {
    return [
      { name: 'weights', shape: [outputs, dense] },
      { name: 'bias', shape: [outputs] },
      { name: 'category_weights', shape: [indices, outputs] },
    ]
  }
  const { hidden, layerNorm, embedding } = network
  let inputs = dense + categories.length * embedding
  const layers = [...hidden, outputs].flatMap((units, i) => {
    const weights = { name: `layer_${i}.weights`, shape: [inputs, units] }
    inputs = units
    const others = layerNorm && i < hidden.length ? layerParts.slice(1) : (['bias'] as const)
    return [weights, ...others.map((part) => ({ name: `layer_${i}.${part}`, shape: [units] }))]
  })
  return [...layers, { name: 'category_weights', shape: [indices, embedding || hidden[0]!] }]
}

/** The data of a model's tensors by their names. */
export function tensorsOf(model: TrainedModel): Map<string, Float32Array> {
  if (model.kind === 'linear') {
    const { weights, bias, categoryWeights } = model
    return new Map([
      ['weights', weights],
      ['bias', bias],
      ['category_weights', categoryWeights],
    ])
  }
  const named = new Map<string, Float32Array>()
  model.layers.forEach((layer, i) => {
    for (const part of layerParts) {
      const data = layer[part]
      if (data !== undefined) named.set(`layer_${i}.${part}`, data)
    }
  })
  return named.set('category_weights', model.categoryWeights)
}

/** Tensors of a file, all of which are needed and no others, each of its shape and finite. Throws MODEL_INVALID. */
export function checkedTensors(
  tensors: ReadonlyMap<string, Tensor>,
  shapes: readonly TensorShape[],
): (name: string) => Float32Array {
  const names = shapes.map(({ name }) => name)
  const unknown = [...tensors.keys()].find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw modelInvalid('tensors', names.join(', '), `also ${JSON.stringify(unknown)}`)
  }
  const data = new Map(shapes.map(({ name, shape }) => [name, tensorData(tensors.get(name), name, shape)]))
  return (name) => data.get(name)!
}

export function linearTensors(tensor: (name: string) => Float32Array): LinearTensors {
  return { weights: tensor('weights'), bias: tensor('bias'), categoryWeights: tensor('category_weights') }
}

export function networkTensors(
  tensor: (name: string) => Float32Array,
  { hidden, layerNorm }: NetworkSettings,
): NetworkTensors {
  const layers = Array.from({ length: hidden.length + 1 }, (_, i): LayerTensors => {
    const part = (name: string): Float32Array => tensor(`layer_${i}.${name}`)
    const weights = { weights: part('weights'), bias: part('bias') }
    return layerNorm && i < hidden.length ? { ...weights, gain: part('gain'), shift: part('shift') } : weights
  })
  return { layers, categoryWeights: tensor('category_weights') }
}

function tensorData(tensor: Tensor | undefined, name: string, shape: readonly number[]): Float32Array {
  const where = `tensor "${name}"`
  if (tensor === undefined) throw modelInvalid('tensors', `a tensor "${name}"`, 'none')
  if (tensor.shape.length !== shape.length || shape.some((size, i) => tensor.shape[i] !== size)) {
    throw modelInvalid(where, `shape [${shape.join(', ')}] by the schema`, `[${tensor.shape.join(', ')}]`)
  }
  const wrong = tensor.data.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) throw modelInvalid(where, 'finite numbers', `${tensor.data[wrong]} at ${wrong}`)
  return tensor.data
}
