/** Parameters between the vector that is trained, whose rows are padded, and the tensors of a model, whose rows are not. */

import { linearParameters, type LinearShape } from './linear.js'
import type { LayerTensors, LinearTensors, TrainedModel, NetworkTensors } from './model.js'
import type { ModelShape } from './model-shape.js'
import { layerParts, type LayerShape, type NetworkShape } from './network.js'

/** The shape of a matrix without padding, and what of its padded rows to leave out. */
interface Rows {
  readonly rows: number
  readonly columns: number
  /** Words from one padded row to the next. */
  readonly step: number
  /** Padded rows from … to − 1 are no rows. */
  readonly gap: { readonly from: number; readonly to: number }
}

const noGap = { from: 0, to: 0 }

/** Tensors of a linear model; `indices` are the rows of v that it keeps, in its own order, or how many of the first. */
export function linearTensors(
  shape: LinearShape,
  vector: Float32Array,
  indices: Uint32Array | number,
): LinearTensors {
  const { w, bias, v } = linearParameters(shape, vector)
  const { outputs, dense, denseWords } = shape
  return {
    weights: withoutPadding(w, { rows: outputs, columns: dense, step: denseWords, gap: noGap }),
    bias: bias.slice(),
    categoryWeights: chosenRows(v, outputs, outputs, indices),
  }
}

/** Tensors of a network. */
export function networkTensors(
  shape: NetworkShape,
  vector: Float32Array,
  indices: Uint32Array | number,
): NetworkTensors {
  return {
    layers: shape.layers.map((layer, i): LayerTensors => {
      const { w, bias, gain, shift } = layerParts(layer, vector)
      const tensors = {
        weights: withoutPadding(w, rowsOf(shape, layer, i)),
        bias: bias.slice(0, layer.outputs),
      }
      if (gain === undefined || shift === undefined) return tensors
      return { ...tensors, gain: gain.slice(0, layer.outputs), shift: shift.slice(0, layer.outputs) }
    }),
    categoryWeights: chosenRows(
      vector.subarray(shape.v),
      shape.categoryWidth,
      shape.parametersPerCategory,
      indices,
    ),
  }
}

/** Writes the parameters of a model as the kernel reads them. */
export function writeParameters(model: TrainedModel, shape: ModelShape, vector: Float32Array): void {
  const { v, categoryWidth, parametersPerCategory: columns } = shape
  const { categoryWeights } = model
  const rows = columns === 0 ? 0 : categoryWeights.length / columns
  withPadding(categoryWeights, { rows, columns, step: categoryWidth, gap: noGap }, vector.subarray(v))
  if (model.kind === 'linear' && shape.kind === 'linear') {
    const { w, bias } = linearParameters(shape, vector)
    const { outputs, dense, denseWords } = shape
    withPadding(model.weights, { rows: outputs, columns: dense, step: denseWords, gap: noGap }, w)
    bias.set(model.bias)
  }
  if (model.kind === 'network' && shape.kind === 'network') {
    shape.layers.forEach((layer, i) => {
      const { w, bias, gain, shift } = layerParts(layer, vector)
      const tensors = model.layers[i]!
      withPadding(tensors.weights, rowsOf(shape, layer, i), w)
      bias.set(tensors.bias)
      if (tensors.gain !== undefined) gain?.set(tensors.gain)
      if (tensors.shift !== undefined) shift?.set(tensors.shift)
    })
  }
}

/** The rows of W that are inputs: in the first layer the padding of the dense features is none. */
function rowsOf({ dense, denseWords }: NetworkShape, layer: LayerShape, i: number): Rows {
  const gap = i === 0 ? { from: dense, to: denseWords } : noGap
  return { rows: layer.inputs - (gap.to - gap.from), columns: layer.outputs, step: layer.outputWords, gap }
}

function withoutPadding(padded: Float32Array, { rows, columns, step, gap }: Rows): Float32Array {
  // There may be millions of rows of one column.
  if (step === columns && gap.to === 0) return padded.slice(0, rows * columns)
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const from = (row < gap.from || gap.to === 0 ? row : row + gap.to - gap.from) * step
    out.set(padded.subarray(from, from + columns), row * columns)
  }
  return out
}

function withPadding(tensor: Float32Array, { rows, columns, step, gap }: Rows, padded: Float32Array): void {
  if (step === columns && gap.to === 0) return padded.set(tensor)
  for (let row = 0; row < rows; row++) {
    const to = (row < gap.from || gap.to === 0 ? row : row + gap.to - gap.from) * step
    padded.set(tensor.subarray(row * columns, (row + 1) * columns), to)
  }
}

function chosenRows(
  v: Float32Array,
  step: number,
  columns: number,
  indices: Uint32Array | number,
): Float32Array {
  if (typeof indices === 'number') return withoutPadding(v, { rows: indices, columns, step, gap: noGap })
  const out = new Float32Array(indices.length * columns)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * step
    for (let k = 0; k < columns; k++) out[i * columns + k] = v[from + k]!
  }
  return out
}
