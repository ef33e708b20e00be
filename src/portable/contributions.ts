import { featureColumns, type Schema } from '../schema/schema.js'
import { plainCategories, type RowLayout } from '../step/rows.js'
import { featureCount } from './dense-column.js'
import { multiplyAdd } from './float32.js'

/** The weights of a linear model, wherever they lie; nothing is copied. */
export interface LinearWeights {
  readonly outputs: number
  /** K rows of D weights, `weightStride` words apart. */
  readonly weights: Float32Array
  readonly weightStride: number
  /** K */
  readonly bias: Float32Array
  /** N × K */
  readonly categoryWeights: Float32Array
}

/** Where the features of a column are in an encoded row: words of dense features, or one slot. */
export interface ColumnFeatures {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly isSlot: boolean
}

/**
 * What each column adds to a score of a linear model, in f32: feature by feature in their order.
 *
 *     z[k] = bias[k] + Σ_column contribution[column][k]     contribution = Σ_d x[d]·w[k][d], or f·v[index][k]
 *
 * The sum differs from z by rounding alone. Columns come in file order, then interactions.
 */
export class Contributions {
  /** Of the feature columns and interactions. */
  readonly names: readonly string[]
  readonly #columns: readonly ColumnFeatures[]

  constructor(
    schema: Schema,
    private readonly layout: RowLayout,
    private readonly linear: LinearWeights,
  ) {
    this.#columns = columnFeatures(schema, layout)
    this.names = this.#columns.map(({ name }) => name)
  }

  /** Of the encoded row that starts at word `first`, to score k: the bias, then each column, into[0 … columns]. */
  ofRow(words: Float32Array, indices: Uint32Array, first: number, k: number, into: Float32Array): void {
    const { outputs, weights, weightStride, bias, categoryWeights } = this.linear
    const { factors, denseWords } = this.layout
    const firstScaled = denseWords + plainCategories(this.layout)
    into[0] = bias[k]!
    this.#columns.forEach(({ from, to, isSlot }, i) => {
      let sum = 0
      if (isSlot) {
        const weight = categoryWeights[indices[first + from]! * outputs + k]!
        sum = multiplyAdd(0, from < firstScaled ? 1 : words[first + factors[from - firstScaled]!]!, weight)
      } else {
        for (let d = from; d < to; d++)
          sum = multiplyAdd(sum, words[first + d]!, weights[k * weightStride + d]!)
      }
      into[i + 1] = sum
    })
  }
}

/** Columns in file order, then interactions. */
export function columnFeatures(schema: Schema, { denseWords }: RowLayout): ColumnFeatures[] {
  const { numbers, categories } = featureColumns(schema)
  let word = 0
  const ofNumbers = numbers.map((column) => {
    word += featureCount(column)
    return { name: column.name, from: word - featureCount(column), to: word, isSlot: false }
  })
  const slots = categories.map(({ name }, c) => {
    return { name, from: denseWords + c, to: denseWords + c + 1, isSlot: true }
  })
  const interactions = slots.splice(slots.length - schema.interactions.length)
  const byName = new Map([...ofNumbers, ...slots].map((column) => [column.name, column]))
  return [...schema.columns.flatMap(({ name }) => byName.get(name) ?? []), ...interactions]
}
