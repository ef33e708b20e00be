import type { ActivationName } from '../../activation/index.js'
import type { LinearModel, NetworkModel, TrainedModel } from '../../model/model.js'
import type { Graph } from './graph.js'

/** What a model's features are in the graph. */
export interface EncodedInputs {
  /** Rows × D. */
  readonly dense: string | undefined
  /** Categories that count once: rows × their number × width. */
  readonly plain: string | undefined
  /** Categories times a number, likewise. */
  readonly scaled: string | undefined
  /** Category slots. */
  readonly slots: number
}

/** The K scores of every row. */
export function scores(graph: Graph, model: TrainedModel, inputs: EncodedInputs): string {
  return model.kind === 'linear' ? linearScores(graph, model, inputs) : networkScores(graph, model, inputs)
}

function linearScores(graph: Graph, { weights, bias, outputs }: LinearModel, inputs: EncodedInputs): string {
  const dense = weights.length / outputs
  const transposed = new Float32Array(weights.length)
  for (let k = 0; k < outputs; k++) {
    for (let d = 0; d < dense; d++) transposed[d * outputs + k] = weights[k * dense + d]!
  }
  return withCategories(graph, layer(graph, inputs.dense, transposed, bias), inputs)
}

function networkScores(graph: Graph, { layers, network }: NetworkModel, inputs: EncodedInputs): string {
  const { embedding, activation } = network
  let x = embedding > 0 ? withEmbeddings(graph, inputs, embedding) : inputs.dense
  layers.forEach(({ weights, bias, gain, shift }, i) => {
    let z = layer(graph, x, weights, bias)
    if (i === 0 && embedding === 0) z = withCategories(graph, z, inputs)
    if (gain !== undefined && shift !== undefined) {
      z = graph.node('LayerNormalization', [z, graph.floats('gain', gain), graph.floats('shift', shift)])
    }
    x = i === layers.length - 1 ? z : activated(graph, activation, z)
  })
  return x!
}

/** x · weights + bias; without x the bias alone. */
function layer(graph: Graph, x: string | undefined, weights: Float32Array, bias: Float32Array): string {
  const biases = graph.floats('bias', bias)
  if (x === undefined || weights.length === 0) return biases
  const matrix = graph.floats('weights', weights, [weights.length / bias.length, bias.length])
  return graph.node('Add', [graph.node('MatMul', [x, matrix]), biases])
}

/** z + Σ_c f_c · v_c */
function withCategories(graph: Graph, z: string, { plain, scaled }: EncodedInputs): string {
  const axes = (): string => graph.wholes('slots', [1])
  for (const rows of [plain, scaled]) {
    if (rows !== undefined)
      z = graph.node('Add', [z, graph.node('ReduceSum', [rows, axes()], { keepdims: 0 })])
  }
  return z
}

/** The dense features, and behind them the numbers of each category. */
function withEmbeddings(
  graph: Graph,
  { dense, plain, scaled, slots }: EncodedInputs,
  embedding: number,
): string | undefined {
  const rows = [plain, scaled].filter((each) => each !== undefined)
  if (rows.length === 0) return dense
  // 0: as many rows as there are.
  const shape = graph.wholes('embedding_shape', [0, slots * embedding])
  const embeddings = graph.node('Reshape', [graph.columns(rows), shape])
  return graph.columns(dense === undefined ? [embeddings] : [dense, embeddings])
}

function activated(graph: Graph, name: ActivationName, z: string): string {
  switch (name) {
    case 'relu':
      return graph.node('Relu', [z])
    case 'leaky-relu':
      return graph.node('LeakyRelu', [z], { alpha: { float: 0.01 } })
    case 'tanh':
      return graph.node('Tanh', [z])
    case 'sigmoid':
      return graph.node('Sigmoid', [z])
    case 'silu':
      return graph.node('Mul', [z, graph.node('Sigmoid', [z])])
    case 'gelu': {
      const error = graph.node('Erf', [graph.node('Mul', [z, graph.floats('root_half', [Math.SQRT1_2])])])
      const twice = graph.node('Add', [error, graph.floats('one', [1])])
      return graph.node('Mul', [graph.node('Mul', [z, graph.floats('half', [0.5])]), twice])
    }
  }
}
