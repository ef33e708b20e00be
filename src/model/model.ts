import type { Metrics } from '../metric/index.js'
import type { LossName } from '../loss/index.js'
import type { RowCounts } from '../events.js'
import type { Schema } from '../schema/index.js'

/**
 * A trained linear model: z[k] = bias[k] + Σ_d x[d]·weights[k][d] + Σ_c categoryWeights[index_c][k].
 * D dense features, K outputs, N category indices over all category columns.
 */
export interface Model {
  kind: 'linear'
  schema: Schema
  loss: LossName
  /** Settings of the loss, in the units of the data; none for most. */
  lossSettings: Readonly<Record<string, number>>
  outputs: number
  /** K × D, row k contiguous, without padding. */
  weights: Float32Array
  /** K */
  bias: Float32Array
  /** N × K */
  categoryWeights: Float32Array
  provenance: Provenance
}

/** Where a model came from. No time, host, path or worker count: the same run gives the same bytes. */
export interface Provenance {
  version: string
  seed: number
  /** The options that decide the weights. */
  options: Record<string, string | number | boolean | null>
  epochs: number
  steps: number
  rows: RowCounts
  train: { loss: number }
  validation: Metrics | undefined
}
