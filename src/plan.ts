import { SHARE_OF_CACHE } from './engine/memory.js'
import { MOST_IN_MEMORY } from './engine/row-cache.js'
import type { StartEvent } from './events.js'
import { weightParts } from './model/weight-parts.js'
import { resolveOptions } from './options/check.js'
import type { ResolvedOptions, TrainOptions } from './options.js'
import { canBeKept, streamNotKept } from './run/run-cache.js'
import { RunControl } from './run/run-control.js'
import { estimatedSteps, openRun } from './run/open-run.js'
import { startEvent, type ChosenOptions, type Run } from './run/run.js'
import { createSchedule } from './schedule/index.js'

/** What a run would do. */
export interface TrainingPlan extends Pick<
  StartEvent,
  'schema' | 'classWeights' | 'parameters' | 'workers' | 'lanes' | 'bytes' | 'version'
> {
  /** With what is chosen from the data filled in; of an initial model, the SHA-256 of its file. */
  readonly options: ChosenOptions
  /** Rows of the input, by the mean length of those in the sample; undefined for streams. */
  readonly rows: number | undefined
  /** Undefined for streams. */
  readonly stepsPerEpoch: number | undefined
  /** Of all epochs, however early the run may stop. */
  readonly steps: number | undefined
  readonly model: PlannedModel
  /** Where gradients are computed; auto: where the first steps show that they are computed sooner. */
  readonly placement: 'auto' | 'inline' | 'pool'
  /** Learning rates of the first and the last step; the last is undefined where the steps, or what it depends on, are not known. */
  readonly learningRates: { readonly first: number; readonly last: number | undefined }
  /** Bytes of the memory that all threads share, and its parts, the largest first. */
  readonly memory: { readonly bytes: number; readonly parts: readonly MemoryPart[] }
  readonly warnings: readonly string[]
}

/** What the weights are of. */
export interface PlannedModel {
  readonly kind: 'linear' | 'network'
  readonly outputs: number
  /** Names of its tensors in the model file, and how many weights they have by the sample. */
  readonly tensors: readonly { readonly name: string; readonly weights: number }[]
}

/** A part of the memory, and how large it is. */
export interface MemoryPart {
  readonly name: string
  readonly bytes: number
}

/**
 * Says what `train` would do with these options: opens the input, fits the schema on its sample and lays out the memory as a run does, and
 * ends there. Nothing is trained and nothing is written: whether the outputs can be written is not tried, nor is a checkpoint looked at.
 *
 * Throws as a run would at its start. Of a stream it reads the beginning, which a run then does not see again.
 */
export async function planTraining(options: TrainOptions): Promise<TrainingPlan> {
  const asked = resolveOptions(options)
  const signal = asked.signal ?? new AbortController().signal
  signal.throwIfAborted()
  const run = await openRun({ ...asked, ...withoutOutputs(asked) }, new RunControl(), signal)
  try {
    if (asked.cache !== undefined && !canBeKept(run.input.files)) throw streamNotKept()
    return planOf(run, asked)
  } finally {
    await run.close()
  }
}

/** What a run writes to; what the rows are used for stays as it is. */
function withoutOutputs({ onBadRow }: ResolvedOptions) {
  return {
    out: undefined,
    cache: undefined,
    checkpoint: undefined,
    resume: false,
    onBadRow: onBadRow === 'quarantine' ? 'skip' : onBadRow,
  } as const
}

function planOf(run: Run, asked: ResolvedOptions): TrainingPlan {
  const { out, cache, checkpoint, resume, onBadRow } = asked
  const options = { ...run.options, out, cache, checkpoint, resume, onBadRow }
  const { schema, classWeights, parameters, workers, lanes, bytes, version } = startEvent(run)
  const { estimatedRows } = run.input
  const steps = estimatedSteps(run.input, options)
  return {
    version,
    options,
    bytes,
    rows: estimatedRows === undefined ? undefined : Math.round(estimatedRows),
    schema,
    classWeights,
    model: plannedModel(run, parameters),
    parameters,
    stepsPerEpoch: steps === undefined ? undefined : steps / options.epochs,
    steps,
    learningRates: learningRates(options, steps),
    lanes,
    workers,
    placement: workers === 1 || options.backend === 'reference' ? 'inline' : options.placement,
    memory: memoryOf(run, options),
    warnings: run.warnings,
  }
}

function plannedModel({ learner: { shape }, outputs }: Run, parameters: number): PlannedModel {
  const known = weightParts(shape).map(({ name, runs }) => {
    const counts = runs.map(({ rows, columns }) => (rows === undefined ? 0 : rows * columns))
    return {
      name,
      weights: counts.reduce((sum, count) => sum + count, 0),
      grows: runs.some((run) => run.rows === undefined),
    }
  })
  const others = known.reduce((sum, { weights }) => sum + weights, 0)
  const tensors = known.map(({ name, weights, grows }) => ({
    name,
    weights: grows ? parameters - others : weights,
  }))
  return { kind: shape.kind, outputs, tensors }
}

function learningRates(options: ChosenOptions, steps: number | undefined): TrainingPlan['learningRates'] {
  const { learningRate, warmup, scheduleSettings: settings } = options
  const schedule = createSchedule(options.schedule, { learningRate, warmup, steps, settings })
  const first = schedule.rate(1)
  // What observes the loss goes by it.
  const last = steps === undefined || schedule.observe !== undefined ? undefined : schedule.rate(steps)
  return { first, last }
}

function memoryOf({ memory, cache }: Run, options: ChosenOptions): TrainingPlan['memory'] {
  const parts = new Map<string, number>()
  for (const { name, bytes } of memory.regions) parts.set(name, (parts.get(name) ?? 0) + bytes)
  // One that is kept for later runs is there even if this one does not need it.
  const kept = options.cache !== undefined && cache === undefined
  if (kept) parts.set('cached rows', Math.min(options.memory * SHARE_OF_CACHE, MOST_IN_MEMORY))
  const sorted = [...parts].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
  return { bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0), parts: sorted }
}
