import type { LinearShape } from './linear.js'
import type { ModelShape } from './model-shape.js'
import type { NetworkShape } from './network.js'

/** Where the weights of one tensor of the model file lie in the vector of all parameters, without the padding. */
export interface WeightPart {
  /** As in the model file. */
  readonly name: string
  readonly runs: readonly WeightRun[]
}

/** Rows of words that follow each other. */
export interface WeightRun {
  /** First word. */
  readonly from: number
  /** Undefined: up to the end of the vector, which grows. */
  readonly rows: number | undefined
  readonly columns: number
  /** Words from one row to the next. */
  readonly strideWords: number
}

/** The parts of a model's parameters, those that are empty left out. */
export function weightParts(shape: ModelShape): WeightPart[] {
  const categories = {
    name: 'category_weights',
    runs: [run(shape.v, undefined, shape.parametersPerCategory, shape.categoryWidth)],
  }
  const parts = shape.kind === 'linear' ? linearParts(shape) : networkParts(shape)
  return shape.categories === 0 ? parts : [...parts, categories]
}

function linearParts({ w, bias, outputs, dense, denseWords }: LinearShape): WeightPart[] {
  const weights = { name: 'weights', runs: [run(w, outputs, dense, denseWords)] }
  const biases = { name: 'bias', runs: [run(bias, 1, outputs)] }
  return dense === 0 ? [biases] : [weights, biases]
}

function networkParts({ layers, dense, denseWords }: NetworkShape): WeightPart[] {
  return layers.flatMap(({ inputs, outputs, outputWords, w, bias, gain, shift }, i) => {
    // In the first layer the rows of the padding of dense features are none.
    const first = i === 0 ? dense : inputs
    const others = i === 0 ? denseWords : inputs
    const runs = [
      run(w, first, outputs, outputWords),
      run(w + others * outputWords, inputs - others, outputs, outputWords),
    ].filter(({ rows }) => rows !== 0)
    const rest = Object.entries({ bias, gain, shift }).filter(([, from]) => from !== undefined)
    return [
      { name: `layer_${i}.weights`, runs },
      ...rest.map(([part, from]) => ({ name: `layer_${i}.${part}`, runs: [run(from!, 1, outputs)] })),
    ]
  })
}

function run(from: number, rows: number | undefined, columns: number, strideWords = columns): WeightRun {
  return { from, rows, columns, strideWords }
}
