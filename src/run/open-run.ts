import { checkModelPath } from '../artifact/index.js'
import { Rest } from './between-steps.js'
import { runIdentity } from '../checkpoint/identity.js'
import { openCheckpoints } from '../checkpoint/open-checkpoints.js'
import { RunPosition } from '../checkpoint/run-position.js'
import { choosePlacement } from './choose-placement.js'
import { EarlyStopping } from './early-stopping.js'
import { HeldOutRows } from '../engine/held-out.js'
import { Learner } from '../engine/learner.js'
import { NewCategories } from '../engine/new-categories.js'
import { SharedMemory } from '../engine/memory.js'
import { taskCount, TimedPlacement } from '../engine/placement.js'
import { compileKernel, WorkerPool } from '../engine/pool.js'
import { Scorer } from '../engine/score.js'
import { BadRowAccount } from '../flow/bad-row-account.js'
import { CategoryCounts } from '../flow/category-counts.js'
import { OrderWatch } from '../flow/order-watch.js'
import { openQuarantine, type Quarantine } from '../flow/quarantine.js'
import { RowDigest } from '../flow/row-digest.js'
import type { OpenInput } from '../flow/row-flow.js'
import { ClassWeigher } from '../flow/weigh-classes.js'
import { continuedOptions, openInitialModel, type InitialModel } from './initial-model.js'
import { layerInputs } from '../model/embedding.js'
import { modelShape } from '../model/model-shape.js'
import type { LossName } from '../loss/index.js'
import { createOptimizer, type Optimizer } from '../optimizer/index.js'
import { LastGoodWeights, stepsBetweenCopies } from './last-good-weights.js'
import type { ResolvedOptions } from '../options.js'
import type { RunControl } from './run-control.js'
import { openRunCache } from './run-cache.js'
import { runModel } from './run-model.js'
import { createSchedule } from '../schedule/index.js'
import { classWeights } from '../schema/class-weights.js'
import { hasVocabularies } from '../schema/schema.js'
import { growingVocabularies } from '../schema/growing-vocabularies.js'
import { writeProgram } from '../schema/program.js'
import {
  continuedLearningRate,
  defaultBatchSize,
  defaultEpochs,
  defaultL2,
  defaultLearningRate,
  defaultSchedule,
} from '../options/training-defaults.js'
import { givenDialect, openTrainingInput } from './training-input.js'
import { beginValidation, validationReader, type BegunValidation } from './validation-rows.js'
import type { ChosenOptions, Run } from './run.js'

/** Rows at the start of a block of a file that tell it from another; the file is known by its size, times and content already. */
const ROWS_SUMMED = 8

/**
 * Opens the input, fits the schema on its sample, lays out the shared memory and starts the workers. `stopped` ends the
 * wait for a stream that sends nothing.
 */
export async function openRun(
  asked: ResolvedOptions,
  control: RunControl,
  stopped: AbortSignal,
): Promise<Run> {
  const started = performance.now()
  const memory = new SharedMemory(compileKernel())
  // The workers start while this thread reads the sample.
  const { workers, maxWorkerFailures } = asked
  const pool = new WorkerPool(workers, { memory: memory.memory, module: memory.module }, maxWorkerFailures)
  let input: OpenInput | undefined
  let validation: BegunValidation | undefined
  let quarantine: Quarantine | undefined
  try {
    // Before anything is written: it may be the file that the model is written to.
    const initial = await openInitialModel(asked.initModel)
    const options = initial === undefined ? asked : continuedOptions(asked, initial)
    // A path that nothing can be written to is better met now than after hours.
    if (options.out !== undefined) await checkModelPath(options.out)
    input = await openTrainingInput(memory, options, stopped)
    const usual = { ...givenDialect(options), usualDelimiter: input.dialect.delimiter }
    validation = await beginValidation(memory, options, usual, stopped)
    quarantine = openQuarantine(options, {
      'the model': options.out,
      'the initial model': typeof asked.initModel === 'string' ? asked.initModel : undefined,
    })
    return await layOut(
      options,
      control,
      memory,
      pool,
      { asked, input, validation, initial },
      quarantine,
      started,
    )
  } catch (error) {
    quarantine?.discard()
    await pool.close()
    validation?.close()
    input?.close()
    throw error
  }
}

/** What has been opened before anything is laid out. */
interface Begun {
  readonly asked: ResolvedOptions
  readonly input: OpenInput
  readonly validation: BegunValidation | undefined
  readonly initial: InitialModel | undefined
}

async function layOut(
  given: ResolvedOptions,
  control: RunControl,
  memory: SharedMemory,
  pool: WorkerPool,
  { asked, input, validation, initial }: Begun,
  quarantine: Quarantine | undefined,
  started: number,
): Promise<Run> {
  const model = runModel(memory, input, given, initial)
  const { schema, loss, outputs, network } = model
  const weights =
    given.classWeight === undefined
      ? undefined
      : classWeights(given.classWeight, model.sampled, {
          memory,
          context: input.context,
          chunks: input.sample,
        })
  const vocabularies = growingVocabularies(
    memory,
    schema,
    given.minCount,
    network === undefined ? outputs : network.embedding || network.hidden[0]!,
  )
  const encoding = writeProgram(memory, input.context, schema, true, model.places, vocabularies)
  const { layout } = encoding
  const optimizer = createOptimizer(given.optimizer, given.optimizerSettings)
  const inputs = network === undefined ? undefined : layerInputs(layout, network.embedding)
  const options = choose(given, input, inputs, optimizer, loss.name, initial)
  const { batchSize, learningRate } = options
  const learning = {
    ...options,
    loss,
    optimizer,
    schedule: createSchedule(options.schedule, {
      learningRate,
      warmup: options.warmup,
      steps: estimatedSteps(input, options),
      settings: options.scheduleSettings,
    }),
    penalties: { l1: options.l1, l2: options.l2, weightDecay: options.weightDecay },
    initial: initial?.model,
    // A row takes at least a byte: a small input does not need the memory of a large mini-batch.
    batchRows: Math.min(batchSize, input.bytes ?? Infinity),
    tasks: taskCount(options.shards, options.workers),
  }
  const { categoryIndices } = encoding
  const learner = new Learner(
    memory,
    layout,
    modelShape(layout, outputs, categoryIndices + vocabularies.room, network),
    learning,
    // The categories of a new network do not begin at 0: penalties are due whenever a value comes into use, and none may depend on when that is.
    network === undefined || initial !== undefined ? () => categoryIndices + vocabularies.size : undefined,
  )
  const scorer = new Scorer(memory, encoding, learner.plan, loss)
  const validates = options.validation > 0 || validation !== undefined
  const heldOut = validates ? new HeldOutRows(memory, layout.strideWords * 4) : undefined
  const reader =
    validation === undefined
      ? undefined
      : validationReader(validation, { memory, pool, schema, vocabularies }, options, heldOut!, quarantine)
  const parsed = input.flow(encoding, pool)
  const schemaIsFixed = initial !== undefined
  const badRows = new BadRowAccount(memory, schema, { ...options, schemaIsFixed }, quarantine)
  const kept = await openCheckpoints(options, () =>
    runIdentity(options, schema, [...input.files, ...(validation?.files ?? [])]),
  )
  const digest =
    kept === undefined
      ? undefined
      : new RowDigest(memory, layout.strideWords * 4, input.isStream ? Infinity : ROWS_SUMMED)
  const cache = await openRunCache({ memory, options, input, flow: parsed, schema, encoding, badRows })
  return {
    options,
    asked,
    control,
    schema,
    loss,
    outputs,
    epochs: options.epochs,
    memory,
    input,
    flow: cache?.flow ?? parsed,
    cache,
    encoding,
    learner,
    newCategories:
      initial === undefined ? undefined : new NewCategories(schema, initial.model, vocabularies, learner),
    placement: new TimedPlacement(choosePlacement(options, memory, pool, learner, encoding, loss)),
    heldOut,
    validationReader: reader,
    classWeights: weights,
    classWeigher: weights === undefined ? undefined : new ClassWeigher(memory, layout, weights),
    categoryCounts: hasVocabularies(schema)
      ? new CategoryCounts(memory, layout, categoryIndices + vocabularies.room)
      : undefined,
    stopping:
      given.patience === undefined ? undefined : new EarlyStopping(given.patience, given.minImprovement),
    lastGood: new LastGoodWeights(() => stepsBetweenCopies(learner.parameters.length)),
    badRows,
    quarantine,
    watch:
      input.isStream && parsed.lanes === 1
        ? new OrderWatch(memory, schema, layout, options.standardize)
        : undefined,
    scorer,
    pool,
    rest: new Rest(),
    position: new RunPosition(digest),
    checkpoints: kept?.checkpoints,
    digest,
    resumption: kept?.resumption,
    warnings: [
      ...model.warnings,
      ...(cache?.warning === undefined ? [] : [cache.warning]),
      ...(kept?.warnings ?? []),
    ],
    started,
    tally: {
      read: 0,
      parse: 0,
      wait: 0,
      validation: 0,
      bytes: 0,
      validationRows: undefined,
      first: undefined,
      last: undefined,
    },
    async close() {
      quarantine?.close()
      await pool.close()
      await kept?.checkpoints.close()
      input.close()
      validation?.close()
      heldOut?.close()
      await cache?.close()
    },
  }
}

/** What the options leave open, from the data. `inputs`: numbers that a row is for the first layer of a network. */
function choose(
  given: ResolvedOptions,
  input: OpenInput,
  inputs: number | undefined,
  optimizer: Optimizer,
  loss: LossName,
  initial: InitialModel | undefined,
): ChosenOptions {
  const task = { ...given, rows: input.estimatedRows, inputs }
  const schedule = given.schedule ?? defaultSchedule(task)
  const usualRate = defaultLearningRate(optimizer, schedule)
  const rate = initial === undefined ? usualRate : continuedLearningRate(usualRate, task)
  return {
    ...given,
    loss,
    learningRate: given.learningRate ?? rate,
    schedule,
    batchSize: given.batchSize ?? defaultBatchSize(task),
    epochs: given.epochs ?? defaultEpochs(task),
    l2: given.l2 ?? defaultL2(task, optimizer),
    weightDecay: given.weightDecay ?? optimizer.defaultWeightDecay ?? 0,
    initModel: initial?.fingerprint,
    averageWeights: given.averageWeights ?? (input.isStream && given.shuffle),
  }
}

/** Of the whole run, by the rows that the sample lets expect; undefined for streams. */
export function estimatedSteps(
  { estimatedRows }: Pick<OpenInput, 'estimatedRows'>,
  { batchSize, epochs, validation }: Pick<ChosenOptions, 'batchSize' | 'epochs' | 'validation'>,
): number | undefined {
  if (estimatedRows === undefined) return undefined
  return Math.max(1, Math.ceil((estimatedRows * (1 - validation)) / batchSize)) * epochs
}
