import { roundUpToFour, type FloatVector, type RowLayout } from '../step/rows.js'
import type { ParameterShape } from './model-shape.js'

/**
 * Where the parameters of a linear model with K outputs lie in one vector of f32, in words:
 *
 *     w     K × denseWords      a row per output
 *     bias  K                   and padding to a multiple of 4
 *     v     categoryCount × K   a row per category index, and padding to a multiple of 4
 */
export interface LinearShape extends ParameterShape {
  readonly kind: 'linear'
  /** First word of w. */
  readonly w: number
  /** First word of bias. */
  readonly bias: number
}

/** Views of the three parts of one parameter (or gradient) vector; nothing is copied. */
export interface LinearParameters<Vector extends FloatVector = FloatVector> {
  readonly w: Vector
  readonly bias: Vector
  readonly v: Vector
  readonly outputs: number
}

/** Lays out the parameters for rows of this layout, K outputs and this many category indices. */
export function linearShape(layout: RowLayout, outputs: number, categoryCount: number): LinearShape {
  const { dense, denseWords, categories } = layout
  const bias = outputs * denseWords
  const v = bias + roundUpToFour(outputs)
  return {
    kind: 'linear',
    outputs,
    dense,
    denseWords,
    categories,
    categoryCount,
    categoryWidth: outputs,
    w: 0,
    bias,
    v,
    words: v + roundUpToFour(categoryCount * outputs),
    denseParameterWords: v,
    parameters: outputs * (dense + 1 + categoryCount),
    parametersPerCategory: outputs,
    biases: [{ from: bias, to: v }],
  }
}

/** Views w, bias and v in a vector of `shape.words` words. */
export function linearParameters<Vector extends FloatVector>(
  shape: LinearShape,
  vector: Vector,
): LinearParameters<Vector> {
  const view = (from: number, words: number): Vector => vector.subarray(from, from + words) as Vector
  return {
    w: view(shape.w, shape.outputs * shape.denseWords),
    bias: view(shape.bias, shape.outputs),
    v: view(shape.v, shape.categoryCount * shape.outputs),
    outputs: shape.outputs,
  }
}
