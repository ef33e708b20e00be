import { totalmem } from 'node:os'
import { type Rest } from './between-steps.js'
import type { Checkpoints } from '../checkpoint/checkpoints.js'
import { type RunPosition } from '../checkpoint/run-position.js'
import type { Resumption } from '../checkpoint/run-state.js'
import { type EarlyStopping } from './early-stopping.js'
import { type HeldOutRows } from '../engine/held-out.js'
import { type Learner } from '../engine/learner.js'
import { type NewCategories } from '../engine/new-categories.js'
import { type SharedMemory } from '../engine/memory.js'
import { type TimedPlacement } from '../engine/placement.js'
import { type WorkerPool } from '../engine/pool.js'
import { type Scorer } from '../engine/score.js'
import type { EpochEvent, StartEvent, ValidationRows, WarningEvent } from '../events.js'
import { type BadRowAccount } from '../flow/bad-row-account.js'
import { type CategoryCounts } from '../flow/category-counts.js'
import { type OrderWatch } from '../flow/order-watch.js'
import type { Quarantine } from '../flow/quarantine.js'
import { type RowDigest } from '../flow/row-digest.js'
import type { OpenInput, RowFlow } from '../flow/row-flow.js'
import { type ClassWeigher } from '../flow/weigh-classes.js'
import type { Loss, LossName } from '../loss/index.js'
import { weightParts } from '../model/weight-parts.js'
import type { GoodWeights } from './keep-last-good.js'
import { type LastGoodWeights } from './last-good-weights.js'
import { availableCpus } from '../options/cpus.js'
import type { ResolvedOptions } from '../options.js'
import type { RunControl } from './run-control.js'
import type { RunCache } from './run-cache.js'
import type { ScheduleName } from '../schedule/index.js'
import type { Schema } from '../schema/schema.js'
import type { Encoding } from '../schema/program.js'
import { checkUnchanged } from '../source/file-identity.js'
import type { ValidationReader } from './validation-rows.js'
import { version } from '../version.js'

/** The options, with what was left to be decided from the data. */
export interface ChosenOptions extends ResolvedOptions {
  readonly batchSize: number
  readonly epochs: number
  readonly loss: LossName
  readonly learningRate: number
  readonly schedule: ScheduleName
  readonly l2: number
  readonly weightDecay: number
  readonly averageWeights: boolean
  /** Of the initial model's file, SHA-256 in hex. */
  readonly initModel: string | undefined
}

/** Everything of one training run that stays from epoch to epoch, laid out and ready. */
export interface Run {
  readonly options: ChosenOptions
  /** As they came; an initial model is named here. */
  readonly asked: ResolvedOptions
  /** What is asked of it from outside. */
  readonly control: RunControl
  readonly schema: Schema
  readonly loss: Loss
  readonly outputs: number
  readonly epochs: number
  readonly memory: SharedMemory
  readonly input: OpenInput
  readonly flow: RowFlow
  /** Where rows are needed more than once. */
  readonly cache: RunCache | undefined
  readonly encoding: Encoding
  readonly learner: Learner
  /** Weights of values that the vocabularies of an initial model are given. */
  readonly newCategories: NewCategories | undefined
  readonly placement: TimedPlacement
  readonly heldOut: HeldOutRows | undefined
  /** Where the rows to score are those of files. */
  readonly validationReader: ValidationReader | undefined
  /** What the weights of rows are multiplied by, by class. */
  readonly classWeights: Float64Array | undefined
  readonly classWeigher: ClassWeigher | undefined
  /** Of the rows of the first pass, where categories have names. */
  readonly categoryCounts: CategoryCounts | undefined
  /** Where epochs end the run that make the model no better. */
  readonly stopping: EarlyStopping<FinishedEpoch> | undefined
  /** What is left where training diverges. */
  readonly lastGood: LastGoodWeights<GoodWeights>
  /** Where rows are used in the order in which they come: a stream. */
  readonly watch: OrderWatch | undefined
  /** What became of the bad rows of the first pass. */
  readonly badRows: BadRowAccount
  readonly quarantine: Quarantine | undefined
  readonly scorer: Scorer
  readonly pool: WorkerPool
  readonly rest: Rest
  readonly position: RunPosition
  /** Where the state of the run is written now and then. */
  readonly checkpoints: Checkpoints | undefined
  /** Of the rows of the first pass, where there are checkpoints. */
  readonly digest: RowDigest | undefined
  /** Where the run goes on, in place of the beginning. */
  readonly resumption: Resumption | undefined
  /** What is to be said before training begins. */
  readonly warnings: readonly string[]
  /** performance.now() at the start. */
  readonly started: number
  /** Seconds that workers spent reading and parsing, and rows per epoch: filled in as epochs end. */
  readonly tally: Tally
  close(): Promise<void>
}

/** What is known at the end of the run. */
export interface Tally {
  read: number
  parse: number
  /** Seconds that this thread had no rows to learn from. */
  wait: number
  /** Seconds that held-out rows have been scored. */
  validation: number
  /** Of the passes that have ended. */
  bytes: number
  validationRows: ValidationRows | undefined
  first: FinishedEpoch | undefined
  last: FinishedEpoch | undefined
}

/** An epoch, and the steps until its end. */
export interface FinishedEpoch extends Omit<EpochEvent, 'type' | 'step' | 'seconds' | 'bestEpoch'> {
  readonly steps: number
}

export function startEvent(run: Run): StartEvent {
  const { options, schema, flow, input, resumption } = run
  return {
    type: 'start',
    options,
    schema,
    classWeights: weightsByClass(run),
    parameters: knownParameters(run),
    workers: options.workers,
    lanes: flow.lanes,
    placement: options.placement,
    bytes: input.bytes,
    resumed: resumption && { path: resumption.path, ...stepOf(resumption.position) },
    parts: weightParts(run.learner.shape),
    version,
    machine: {
      node: process.versions.node,
      platform: process.platform,
      architecture: process.arch,
      cpus: availableCpus(),
      memory: totalmem(),
    },
    dashboard: undefined,
  }
}

/** Since the start of the run. */
export function secondsOf({ started }: Run): number {
  return (performance.now() - started) / 1000
}

/** Weights without those that vocabularies have room for. */
export function knownParameters({ learner, encoding }: Run): number {
  const { parameters, parametersPerCategory } = learner.shape
  return parameters - (encoding.vocabularies?.room ?? 0) * parametersPerCategory
}

function stepOf({ step, epoch }: Resumption['position']): { step: number; epoch: number } {
  return { step, epoch }
}

/** The weights of all classes by name; undefined where they are not weighed. */
export function weightsByClass({ schema, classWeights }: Run): Record<string, number> | undefined {
  const { target } = schema
  if (classWeights === undefined || target.kind === 'number') return undefined
  return Object.fromEntries(target.classes.map((name, i) => [name, classWeights[i]!]))
}

/** What is to be said before training begins: how the columns are read, why a kept cache or a checkpoint is not used. */
export function startWarnings({ warnings }: Run): WarningEvent[] {
  return warnings.map((message) => ({ type: 'warning', message }))
}

/** Throws where the input is not what it was when the run began: its rows are used again and again, but read only once. */
export function checkInput({ input }: Run): void {
  for (const file of input.files) checkUnchanged(file)
}
