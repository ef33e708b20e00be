/** Random encoded rows and parameters for the tests of the steps and of their kernels. */
import { linearShape, type LinearShape } from '../../src/model/linear.js'
import { rowLayout, rowStart, type EncodedRows, type FloatVector } from '../../src/step/rows.js'

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32, T. Ettinger, 2017). */
export function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Problem {
  model: LinearShape
  rows: EncodedRows
  random: () => number
}

export interface ProblemSize {
  dense: number
  categories: number
  /** The last ones that a dense feature multiplies: fewer where there are not that many, or no dense features. */
  scaled?: number
  outputs: number
  count: number
  /** Values of one category column. */
  values: number
  /** Labels are 0 … classes − 1, or numbers in [−2, 2) where it is 0. */
  classes: number
  /** Of numbers: some are 0 and the others above it, or all are above it. */
  range?: 'any' | 'not negative' | 'positive' | undefined
  seed: number
}

/** Rows with features in [−1, 1), labels for the loss, weights in [0, 2); and the model that fits them. */
export function randomProblem(size: ProblemSize): Problem {
  const random = uniform(size.seed)
  const scaled = size.dense === 0 ? 0 : Math.min(size.scaled ?? 0, size.categories)
  const factors = Array.from({ length: scaled }, (_, i) => (3 * i + 1) % size.dense)
  const layout = rowLayout(size.dense, size.categories, factors)
  const words = new Float32Array(size.count * layout.strideWords)
  const rows = { layout, words, indices: new Uint32Array(words.buffer), firstWord: 0, count: size.count }
  for (let r = 0; r < size.count; r++) {
    const start = rowStart(rows, r)
    for (let d = 0; d < size.dense; d++) words[start + d] = 2 * random() - 1
    for (let c = 0; c < size.categories; c++) {
      rows.indices[start + layout.denseWords + c] = c * size.values + Math.floor(random() * size.values)
    }
    const number = 4 * random() - 2
    const least = size.range === 'positive' ? 2 ** -10 : size.range === 'not negative' ? 0 : -2
    words[start + layout.labelWord] = size.classes
      ? Math.floor(random() * size.classes)
      : Math.max(number, least)
    words[start + layout.weightWord] = 2 * random()
  }
  return { model: linearShape(layout, size.outputs, size.categories * size.values), rows, random }
}

/** Fills the vector with numbers in [−1, 1). */
export function fillUniform<Vector extends FloatVector>(vector: Vector, random: () => number): Vector {
  for (let i = 0; i < vector.length; i++) vector[i] = 2 * random() - 1
  return vector
}

/** An upper bound of the relative rounding error of a sum of products with n roundings in f32: n·u / (1 − n·u), u = 2^−24. */
export function gamma(roundings: number): number {
  const u = 2 ** -24
  return (roundings * u) / (1 - roundings * u)
}
