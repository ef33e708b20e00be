/**
 * What a run emits: `start`, then `step`, `progress`, `epoch` …, and last `done`. docs/events.md tells of each, and
 * report/event-record.ts how they are written to files.
 */
import type { BadRowCode, BadRowCounts } from './bad-row-codes.js'
import type { HeavyWeight } from './inspect/heaviest-weights.js'
import type { Metrics } from './metric/index.js'
import type { Model } from './predicting/node-model.js'
import type { WeightPart } from './model/weight-parts.js'
import type { ResolvedOptions } from './options.js'
import type { Schema } from './schema/index.js'

/** Rows of one epoch: read = trained + validation + skipped. */
export interface RowCounts {
  read: number
  trained: number
  validation: number
  skipped: number
}

/** Rows of the validation files, which are no rows of the input: read = evaluated + skipped. */
export interface ValidationRows {
  read: number
  evaluated: number
  skipped: number
  /** The skipped rows by reason. */
  badRows: BadRowCounts
}

/** The schema is known and the memory is laid out; training begins. */
export interface StartEvent {
  type: 'start'
  options: ResolvedOptions
  schema: Schema
  /** What the weights of rows are multiplied by, by class, where that was asked for. */
  classWeights: Readonly<Record<string, number>> | undefined
  /** Weights by the sample; each value that the first pass adds to a vocabulary has as many more as there are outputs. */
  parameters: number
  workers: number
  lanes: number
  placement: 'auto' | 'inline' | 'pool'
  /** Size of the input in bytes, where it is known (files). */
  bytes: number | undefined
  /** Where the run goes on from, when it does; the events of the steps before were those of the interrupted run. */
  resumed: ResumedFrom | undefined
  /** Where the weights of each tensor lie in `parameters` of a step: not for files. */
  parts: readonly WeightPart[]
  /** Of millrace. */
  version: string
  machine: Machine
  /** Where the dashboard is, with its token: not for files. */
  dashboard: string | undefined
}

/** What the run runs on. */
export interface Machine {
  /** Version of Node. */
  node: string
  platform: string
  architecture: string
  /** That the process may use. */
  cpus: number
  /** Bytes. */
  memory: number
}

/** The checkpoint that a run goes on from. */
export interface ResumedFrom {
  path: string
  step: number
  epoch: number
}

/** One synchronous update. */
export interface StepEvent {
  type: 'step'
  /** Counts from 1 over the whole run. */
  step: number
  epoch: number
  /** Weighted mean of the loss over the mini-batch, before the update. */
  loss: number
  /** The same over all rows of this epoch so far. */
  progressiveLoss: number
  learningRate: number
  /** √(Σ g²) of the mean gradient of the mini-batch, as clipping leaves it. */
  gradientNorm: number
  /** Rows of this mini-batch. */
  batchRows: number
  /** Rows trained on in this epoch so far. */
  rows: number
  /** Bytes of the blocks used in this epoch so far. */
  bytes: number
  /** Since the start of the run. */
  seconds: number
  /** The parameters after the update: a live view, valid until the next event; longer when vocabularies have grown. */
  parameters: Float32Array
}

/** Held-out rows, or those of the validation files, have been scored, with the weights that the model would have now. */
export interface ValidationEvent {
  type: 'validation'
  epoch: number
  /** Steps done. */
  step: number
  metrics: Metrics
  /** Rows scored. */
  rows: number
  /** Since the start of the run. */
  seconds: number
}

/** One pass over the input has ended. */
export interface EpochEvent {
  type: 'epoch'
  epoch: number
  /** Steps done. */
  step: number
  /** Since the start of the run. */
  seconds: number
  rows: RowCounts
  /** The skipped rows by reason. */
  badRows: BadRowCounts
  /**
   * Progressive loss: the weighted mean over the rows, each scored before this epoch learns from it, by the weights as they
   * were then (never by their mean over the steps).
   */
  loss: number
  /** Of the validation files, where there are some: the same rows in every epoch. */
  validationRows: ValidationRows | undefined
  /** Metrics on the held-out rows, or those of the validation files, where there are any: of the weights that the model would have now. */
  validation: Metrics | undefined
  /** With `patience`: the epoch with the smallest validation loss so far. */
  bestEpoch: number | undefined
}

/** Bytes of the input that were parsed and used so far in this epoch, a few times a second. */
export interface ProgressEvent {
  type: 'progress'
  epoch: number
  rows: number
  bytes: number
  /** Size of the input, where it is known. */
  ofBytes: number | undefined
  /** Mean loss since the last progress event. */
  loss: number
  /** Since the start of the epoch. */
  seconds: number
}

/** The heaviest weights of a linear model, now and then, and once before the end. */
export interface WeightsEvent {
  type: 'weights'
  epoch: number
  /** Steps done. */
  step: number
  /** The heaviest first. */
  weights: readonly HeavyWeight[]
}

/** The state of the run is on the disk: it can go on from here. */
export interface CheckpointEvent {
  type: 'checkpoint'
  path: string
  /** Steps done. */
  step: number
  epoch: number
  /** Size of the file. */
  bytes: number
  /** From the copy of the state until the file had its name; training goes on meanwhile. */
  seconds: number
}

/** A row was left out. Of many only some are told one by one: `skipped` says how many there were. */
export interface BadRowEvent {
  type: 'bad-row'
  reason: BadRowCode
  /** What was expected and what was found. */
  message: string
  hint: string
  file: string
  /** From 1; undefined far inside a large file, where counting lines would hold up the run. */
  line: number | undefined
  /** Offset in the file. */
  byte: number
  /** Undefined where the row lacks fields, or has too many. */
  column: string | undefined
  policy: 'skip' | 'quarantine'
  /** Rows left out so far. */
  skipped: number
}

/** A worker thread can be given work, has failed, or another has taken its place. */
export interface WorkerEvent {
  type: 'worker'
  /** Its lane, from 1; a thread that replaces another has the same. 0 for one that failed before it had any. */
  worker: number
  state: 'ready' | 'failed' | 'replaced'
  /** How it failed. */
  message: string | undefined
}

/** Where the time went since the last such event, or in the whole run: the one before `done`. */
export interface BottleneckEvent {
  type: 'bottleneck'
  epoch: number
  /** Looked at. */
  seconds: number
  /** Of the time of all threads, adding up to 1. */
  shares: TimeShares
  /** How much of the time each worker was at work, 0 … 1; the first is worker 1. */
  workers: readonly number[]
  /** What limits the run. */
  limit: BottleneckLimit
  /** One sentence: why, and which option would help. */
  advice: string
}

/**
 * `source`: what sends the bytes; `step`: what the main thread does around each step besides its parts; `validation`: scoring
 * held-out rows; `control`: it was paused.
 */
export type BottleneckLimit =
  'source' | 'read' | 'parse' | 'gradient' | 'average' | 'update' | 'step' | 'validation' | 'control'

/** The run has been told to stand still between two steps, or to go on. */
export interface PauseEvent {
  type: 'pause'
  paused: boolean
  /** Steps done. */
  step: number
}

/** Something that the run does not end for, and that somebody should know. */
export interface WarningEvent {
  type: 'warning'
  message: string
}

/**
 * Seconds spent in each part, summed over the threads that do it, or shares of them: workers read and parse; the main thread
 * waits, and averages and updates; both may be at gradients.
 */
export interface TimeShares {
  read: number
  parse: number
  wait: number
  gradient: number
  average: number
  update: number
}

/** The last event of a run that succeeded. */
export interface DoneEvent {
  type: 'done'
  model: Model
  /** All of them, also those after the best. */
  epochs: number
  steps: number
  seconds: number
  rowsPerSecond: number
  rows: RowCounts
  /** The skipped rows by reason. */
  badRows: BadRowCounts
  /** Progressive loss of the first epoch, to which every row is new. */
  progressive: { loss: number }
  /** Progressive loss of the epoch that the model is of: the last one, or the best. */
  train: { loss: number }
  /** Of that epoch. */
  validation: Metrics | undefined
  validationRows: ValidationRows | undefined
  /** With `patience`: the epoch that the model is of. */
  bestEpoch: number | undefined
  times: TimeShares
}

/** What a run tells, told apart by `type`. */
export type TrainEvent =
  | StartEvent
  | StepEvent
  | ProgressEvent
  | ValidationEvent
  | EpochEvent
  | WeightsEvent
  | CheckpointEvent
  | BadRowEvent
  | WorkerEvent
  | BottleneckEvent
  | PauseEvent
  | WarningEvent
  | DoneEvent
