/**
 * The messages between the main thread and the workers. A message is a few numbers: addresses in the shared memory,
 * where the data itself lies.
 */

import type { ActivationName } from '../src/activation/index.js'
import type { LossKernelNames } from '../src/loss/index.js'
import type { ScaledSlot } from '../src/step/rows.js'

/** What every worker is given when it starts. */
export interface WorkerStart {
  memory: WebAssembly.Memory
  module: WebAssembly.Module
  /** What tasks show of themselves: engine/pulse.ts. */
  pulses: SharedArrayBuffer
}

/** Answered as soon as the worker can work: shows that it loaded at all. */
export interface ReadyTask {
  kind: 'ready'
}

/** Parse the blocks of these slots (layout.ts, Slot), or read their encoded rows, and score them, one after the other. */
export interface ParseTask {
  kind: 'parse'
  /** ptr to bytes that only this task uses: a block read from a file, Parts, then room to undouble quotes. */
  scratch: number
  /** Bytes of each half of the scratch. */
  scratchBytes: number
  /** ptr to a ParseResult that only this task uses. */
  spareResult: number
  /** What becomes of the rows once they are parsed; undefined: nothing. */
  scoring: ScoringTask | undefined
  /** ptrs to the slots. */
  slots: number[]
}

/** Score the rows of a block from Slot.FirstRow on, as many as Slot.Output has room for what is left of them. */
export interface ScoringTask {
  plan: ScoringPlan
  /** ptr to bytes that only this task uses: src/engine/score-block.ts, ScoringRoom. */
  scratch: number
}

/** What is left of the rows that workers score: lines of text, or predictions and sums of losses. */
export interface ScoringPlan {
  model: ModelPlan
  predict: LossKernelNames['predict']
  /** Rows that are scored at a time, a multiple of 4. */
  rowsAtOnce: number
  into: LinesPlan | LossesPlan
}

/** Text, for predict. */
export interface LinesPlan {
  kind: 'lines'
  /** ptr to a LineProgram. */
  program: number
  /** Fields that are kept of a record. */
  kept: number
  /** Of a single output, the second class is predicted above it. */
  threshold: number
  /** Contributions a row, the bias included, and ptr to the ContributionColumns; 0 where none are written. */
  contributions: number
  columns: number
}

/** For evaluate: from Slot.Output on the predictions, behind them Σ weight·loss and Σ weight (f64) of every run of rows (engine/score-block.ts, runSums). */
export interface LossesPlan {
  kind: 'losses'
  loss: LossKernelNames['loss']
  /** Loss.setting */
  setting: number
  labelWord: number
  weightWord: number
  /** Rows of a run; the last one of a block may be shorter. */
  runRows: number
}

/** The gradient of an aligned subtree of the shards of the current mini-batch. */
export interface GradientTask {
  plan: ShardPlan
  firstShard: number
  shards: number
  /** ptr to the partial gradients of this subtree's levels; the sum is left in the first. */
  partials: number
  /** ptr to bytes that only this task uses: the activations of a network. */
  scratch: number
}

/**
 * Help the main thread with the gradients of the mini-batches that come: claim tasks (engine/task-claims.ts) while there are
 * any, and wait a little for the next mini-batch. One that lasts: no message is needed from step to step.
 */
export interface ShareTask {
  kind: 'share'
  tasks: GradientTask[]
  /** ptr to the claims. */
  claims: number
  /** Number of this thread among those that claim. */
  owner: number
}

export type WorkerTask = ReadyTask | ParseTask | ShareTask

/** A task, and how much memory there is: a worker that started while the memory grew may not have been told. */
export interface WorkerMessage {
  task: WorkerTask
  /** Number of the task's pulse. */
  pulse: number
  memoryBytes: number
}

/** Where a linear model's parameters lie. */
export interface LinearPlan {
  kind: 'linear'
  /** ptrs to the parameters. */
  w: number
  bias: number
  /** Word of the bias within a partial gradient. */
  biasWord: number
}

/** Where the parts of one layer of a network lie. */
export interface LayerPlan {
  inputs: number
  outputs: number
  /** Words of a row of W, of the bias, and of the layer's scores in the scratch. */
  outputWords: number
  /** ptrs to the parameters, and their words within a partial gradient. */
  w: number
  bias: number
  wWord: number
  biasWord: number
  /** Those of layer norm, in hidden layers that have it. */
  norm: NormPlan | undefined
  /**
   * Bytes from the start of the scratch, of hidden layers: the scores of a piece of a run; the same as they are activated
   * (normalised, or the scores themselves); their activations; the slopes of all of them, one after the other.
   */
  scores: number
  normal: number
  activated: number
  slopes: number
}

/** Where the layer norm of one layer lies. */
export interface NormPlan {
  gain: number
  shift: number
  gainWord: number
  shiftWord: number
  /** Bytes from the start of the scratch: two f32 a row. */
  statistics: number
}

/** Where a network's parameters lie, and how large its scratch is. */
export interface NetworkPlan {
  kind: 'network'
  activation: ActivationName
  /** E, words; 0: categories add to the first layer's scores. */
  embedding: number
  layers: readonly LayerPlan[]
  /** Bytes from the start of the scratch: dense features and embeddings of a piece of a run. */
  embedded: number
  scratchBytes: number
  /** Share of the activations that is dropped out in training. */
  dropout: number
  seed: number
  /**
   * ptr to the gradients with respect to what the categories bring, for every row of the mini-batch: batchRows × the
   * words of the first layer where E is 0, else C blocks of batchRows × E. Not used where nothing is learned.
   */
  categoryGradients: number
  batchRows: number
}

/** What the scores of rows are computed with: where the parts of a row are, and the parameters. */
export interface ModelPlan {
  /** Bytes from one encoded row to the next. */
  stride: number
  denseWords: number
  /** Category slots whose weights nothing multiplies, from word denseWords of a row. */
  plainCategories: number
  /** Those that come after them. */
  scaledSlots: readonly ScaledSlot[]
  outputs: number
  /** ptr to the parameters of the categories. */
  v: number
  model: LinearPlan | NetworkPlan
  /** Longer runs of rows are cut: the scratch has room for so many. */
  rowsAtOnce: number
}

/** Everything that stays the same from one mini-batch to the next; addresses, counts and strides. */
export interface ShardPlan extends ModelPlan {
  kernelLoss: LossKernelNames['loss']
  /** Loss.setting */
  lossSetting: number
  labelWord: number
  weightWord: number
  /** ptr to z, rows × outputs f32. */
  z: number
  /** ptr to dz, rows × outputs f32. */
  dz: number
  /** ptr to totals, two f64 a shard: Σ weight·loss, Σ weight. */
  totals: number
  /** Words of a dense partial gradient (ParameterShape.denseParameterWords). */
  denseGradientWords: number
  /** ptr to the batch: see engine/batch.ts. */
  batch: number
}
