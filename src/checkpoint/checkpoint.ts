import type { BestEpoch } from '../run/early-stopping.js'
import type { LearnerState } from '../engine/learner-state.js'
import type { GoodWeights } from '../run/keep-last-good.js'
import type { LastGoodState } from '../run/last-good-weights.js'
import type { FinishedEpoch } from '../run/run.js'
import type { FlowState } from './flow-state.js'
import type { RunIdentity } from './identity.js'

/** How far a run has come; always between two steps. */
export interface Position {
  /** The epoch that goes on, from 1; one more than the last where no step is left. */
  readonly epoch: number
  /** Mini-batches of it that have been learned from. */
  readonly batches: number
  /** Steps of the whole run. */
  readonly step: number
  /** Rows of this epoch that have been learned from, Σ weight · loss and Σ weight. */
  readonly trained: number
  readonly loss: number
  readonly weight: number
  /** Of the rows of the first pass that have been used, in the order in which they were (flow/row-digest.ts). */
  readonly digest: number
  /** No step is left: what remains is to write the model. */
  readonly finished: boolean
}

/**
 * What a run needs to go on from a position, besides its options and its input.
 *
 * Where `flow` is there, the run reads on from that place of its files. Where it is not, what reading brings forth is missing:
 * vocabularies, held-out rows, the row cache, bad rows and their quarantine. The run then reads the first pass again, without
 * learning, and has them to the bit (DECISIONS 41).
 */
export interface Checkpoint {
  readonly identity: RunIdentity
  readonly position: Position
  readonly flow: FlowState | undefined
  readonly learner: LearnerState
  /** The first epoch and the last one that have ended. */
  readonly first: FinishedEpoch | undefined
  readonly last: FinishedEpoch | undefined
  /** Of early stopping. */
  readonly best: BestEpoch<FinishedEpoch> | undefined
  readonly epochsWithoutImprovement: number
  readonly lastGood: LastGoodState<GoodWeights>
}
