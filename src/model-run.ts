import { loadTrainedModel } from './artifact/index.js'
import { SharedMemory } from './engine/memory.js'
import { modelPlan } from './engine/model-plan.js'
import { compileKernel, WorkerPool } from './engine/pool.js'
import { Scorer } from './engine/score.js'
import { BadRowAccount } from './flow/bad-row-account.js'
import { EpochRows } from './flow/epoch-rows.js'
import type { GivenDialect } from './flow/heads.js'
import { openQuarantine, type Quarantine } from './flow/quarantine.js'
import type { RowFlow } from './flow/row-flow.js'
import { beginRows, schemaRows, type BegunRows } from './flow/schema-rows.js'
import { createLoss } from './loss/index.js'
import type { TrainedModel } from './model/index.js'
import { modelShape } from './model/model-shape.js'
import { writeParameters } from './model/tensors.js'
import { defaults } from './options.js'
import { conflict, type ResolvedModelOptions } from './options-model.js'
import type { Wanted } from './schema/match.js'
import type { PartColumns } from './schema/part-columns.js'
import type { Encoding } from './schema/program.js'
import { targetScale, type Dialect } from './schema/schema.js'
import type { InputFile } from './source/files.js'
import { openSource } from './source/open-source.js'

/** A model laid out in shared memory, and an input whose rows it is used on, in their order. */
export interface ModelRun {
  readonly model: TrainedModel
  readonly memory: SharedMemory
  /** Of the first part. */
  readonly columns: PartColumns
  readonly encoding: Encoding
  readonly flow: RowFlow
  /** That the rows come from. */
  readonly files: readonly InputFile[]
  readonly scorer: Scorer
  /** Accounts for the rows; those that the model was used on count as trained. */
  readonly rows: EpochRows
  readonly quarantine: Quarantine | undefined
  close(): Promise<void>
}

/** What of the rows is needed besides the features. */
export interface ModelRunNeeds {
  /** Target and weight too. */
  readonly wanted: Wanted
  /** Blocks come with their bytes. */
  readonly keepBytes: boolean
}

/**
 * Loads the model, opens the input and starts the workers; closes what is open where it fails. `stopped` ends the wait for
 * a stream that sends nothing.
 */
export async function openModelRun(
  options: ResolvedModelOptions,
  needs: ModelRunNeeds,
  stopped: AbortSignal,
): Promise<ModelRun> {
  const model = await loadTrainedModel(options.model)
  const given = mergeDialect(model.schema.dialect, options)
  const source = await openSource(options.input, { encoding: options.encoding, stopped })
  const memory = new SharedMemory(compileKernel())
  const pool = new WorkerPool(
    options.workers,
    { memory: memory.memory, module: memory.module },
    defaults.maxWorkerFailures,
  )
  let begun: BegunRows | undefined
  let quarantine: Quarantine | undefined
  const close = async (): Promise<void> => {
    quarantine?.close()
    await pool.close()
    begun?.close()
  }
  try {
    begun = await beginRows(memory, source, given)
    quarantine = openQuarantine(options, { 'the model': options.model, 'the output': options.out })
    const { files = [] } = source
    return { ...layOut(model, memory, pool, begun, options, quarantine, needs), files, quarantine, close }
  } catch (error) {
    quarantine?.discard()
    await close()
    throw error
  }
}

function layOut(
  model: TrainedModel,
  memory: SharedMemory,
  pool: WorkerPool,
  begun: BegunRows,
  options: ResolvedModelOptions,
  quarantine: Quarantine | undefined,
  needs: ModelRunNeeds,
): Omit<ModelRun, 'close' | 'quarantine' | 'files'> {
  const { onBadRow, memory: memoryBytes } = options
  const reading = { memory, pool, schema: model.schema, ...needs, onBadRow, memoryBytes }
  const { columns, schema, encoding, flow } = schemaRows(begun, reading)
  const network = model.kind === 'network' ? model.network : undefined
  const shape = modelShape(encoding.layout, model.outputs, encoding.categoryIndices, network)
  const parameters = memory.allocate('parameters', shape.words * 4)
  writeParameters(model, shape, memory.f32(parameters))
  const scorer = new Scorer(
    memory,
    encoding,
    modelPlan(encoding.layout, shape, parameters.start),
    createLoss(model.loss, model.lossSettings, targetScale(model.schema.target)),
  )
  const badRows = new BadRowAccount(memory, schema, { ...options, schemaIsFixed: true }, quarantine)
  return { model, memory, columns, encoding, flow, scorer, rows: new EpochRows(badRows) }
}

/** The input's dialect: the model's, but for what the options say, and but for another delimiter where the first line has not the model's. */
function mergeDialect(
  model: Dialect,
  { delimiter, quote, comment, decimal, header }: ResolvedModelOptions,
): GivenDialect {
  const dialect = {
    delimiter,
    usualDelimiter: model.delimiter,
    quote: quote === undefined ? model.quote : quote === '' ? undefined : quote,
    comment: comment ?? model.comment,
    decimal: decimal ?? model.decimal,
    header: header ?? model.header,
    missingTokens: model.missingTokens,
  }
  const characters = { ...dialect, delimiter: delimiter ?? model.delimiter }
  const pairs = [
    ['delimiter', 'quote'],
    ['delimiter', 'comment'],
    ['quote', 'comment'],
  ] as const
  for (const [one, other] of pairs) {
    if (characters[one] === undefined || characters[one] !== characters[other]) continue
    throw conflict(other, `it is the same character as ${one}`, `give ${other} or ${one} another character`)
  }
  return dialect
}
