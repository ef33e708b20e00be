import type { RowLayout } from '../step/rows.js'
import { linearShape, type LinearShape } from './linear.js'
import { networkShape, type NetworkSettings, type NetworkShape } from './network.js'

/** A run of words of the parameter vector: from … to − 1. */
export interface WordRange {
  readonly from: number
  readonly to: number
}

/**
 * Where the parameters of a model with K outputs lie in one vector of f32, in words, as far as it concerns what changes
 * them, whatever the kind of the model:
 *
 *     dense block   denseParameterWords             its gradient is summed shard by shard
 *     v             categoryCount × categoryWidth   a row per category index, whose gradient is that of the rows that have it
 *
 * Words between that are padding are 0, and so are their gradients.
 */
export interface ParameterShape {
  /** K */
  readonly outputs: number
  /** D, without padding. */
  readonly dense: number
  readonly denseWords: number
  /** C: category columns of a row. */
  readonly categories: number
  /** Category indices over all columns, "missing" and hashed buckets included. */
  readonly categoryCount: number
  /** Words of one row of v. */
  readonly categoryWidth: number
  /** First word of v. */
  readonly v: number
  /** Words of the whole vector: a multiple of 4. */
  readonly words: number
  /** Words before v, with their padding. */
  readonly denseParameterWords: number
  /** Parameters that are not padding. */
  readonly parameters: number
  /** Of them, those of one category index. */
  readonly parametersPerCategory: number
  /** The biases and their padding, in rising order: no penalty makes them small. */
  readonly biases: readonly WordRange[]
}

/** The shape of any model; `kind` tells which. */
export type ModelShape = LinearShape | NetworkShape

/** Lays out the parameters for rows of this layout, K outputs and this many category indices; without `network`, those of a linear model. */
export function modelShape(
  layout: RowLayout,
  outputs: number,
  categoryCount: number,
  network: NetworkSettings | undefined,
): ModelShape {
  return network === undefined
    ? linearShape(layout, outputs, categoryCount)
    : networkShape(layout, outputs, categoryCount, network)
}
