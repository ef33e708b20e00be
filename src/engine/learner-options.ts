import type { Loss } from '../loss/index.js'
import type { InitialisationName } from '../model/initial.js'
import type { TrainedModel } from '../model/model.js'
import type { Optimizer, Penalties } from '../optimizer/index.js'
import type { Schedule } from '../schedule/index.js'

/** How a model learns. */
export interface LearnerOptions {
  loss: Loss
  optimizer: Optimizer
  schedule: Schedule
  penalties: Penalties
  /** Whether they count for the biases too. Default: false. */
  penalizeBias?: boolean
  /** Whether they count for the weights of categories. Default: true. */
  penalizeCategories?: boolean
  /** The most that an entry of the mean gradient may be from 0, and the most that its norm may be, > 0. Default: Infinity. */
  clipValue?: number | undefined
  clipNorm?: number | undefined
  /** The most rows of a mini-batch. */
  batchRows: number
  shards: number
  /** Parts of the mini-batch whose gradients are summed apart, each by its own thread: a power of two ≤ shards. */
  tasks: number
  /** Share of the activations of a network that a step leaves out. Default: 0. */
  dropout?: number
  /** How the weights of a network are drawn. Default: as suits its activation. */
  init?: InitialisationName | undefined
  /** The model whose weights are those to begin with. Default: none, they begin at 0 or are drawn. */
  initial?: TrainedModel | undefined
  /** Default: 0. */
  seed?: number
  /** The model is the mean of the weights over all steps. */
  averageWeights: boolean
}
