import type { Metrics } from '../metric/index.js'
import type { LossName } from '../loss/index.js'
import type { RowCounts } from '../events.js'
import type { Schema } from '../schema/index.js'
import type { NetworkSettings } from './network.js'

/** A trained model. */
export type TrainedModel = LinearModel | NetworkModel

/** What all models have. D dense features, K outputs, N category indices over all category columns. */
interface ModelFacts {
  schema: Schema
  loss: LossName
  /** Settings of the loss, in the units of the data; none for most. */
  lossSettings: Readonly<Record<string, number>>
  /** K */
  outputs: number
  provenance: Provenance
}

/** z[k] = bias[k] + Σ_d x[d]·weights[k][d] + Σ_c categoryWeights[index_c][k] */
export interface LinearModel extends ModelFacts, LinearTensors {
  kind: 'linear'
}

export interface LinearTensors {
  /** K × D, row k contiguous, without padding. */
  weights: Float32Array
  /** K */
  bias: Float32Array
  /** N × K */
  categoryWeights: Float32Array
}

/**
 * Layer after layer: z = x·weights + bias; in hidden layers z is normalised where there is layer norm, and activated. The
 * first x is the dense features and the embeddings of the categories (D + C·E numbers), or, where E is 0, the dense
 * features alone, and the rows of the categories are added to the first z.
 */
export interface NetworkModel extends ModelFacts, NetworkTensors {
  kind: 'network'
  network: NetworkSettings
}

export interface NetworkTensors {
  layers: LayerTensors[]
  /** N × E, or N × the units of the first layer where E is 0. */
  categoryWeights: Float32Array
}

/** The parameters of one layer of a network. */
export interface LayerTensors {
  /** inputs × outputs: a row per input, without padding. */
  weights: Float32Array
  bias: Float32Array
  /** Of layer norm, where there is one. */
  gain?: Float32Array
  shift?: Float32Array
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
