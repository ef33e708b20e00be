import type { ModelPlan } from '../../workers/protocol.js'
import { loadTrainedModel } from '../artifact/index.js'
import { SharedMemory } from '../engine/memory.js'
import type { BlockScoring } from '../engine/block-scoring.js'
import { modelPlan } from '../engine/model-plan.js'
import { compileKernel, WorkerPool } from '../engine/pool.js'
import { BadRowAccount } from '../flow/bad-row-account.js'
import { EpochRows } from '../flow/epoch-rows.js'
import type { GivenDialect } from '../flow/heads.js'
import { openQuarantine, type Quarantine } from '../flow/quarantine.js'
import type { RowFlow } from '../flow/row-flow.js'
import { beginRows, schemaRows, type BegunRows } from '../flow/schema-rows.js'
import { createLoss, type Loss } from '../loss/index.js'
import type { TrainedModel } from '../model/index.js'
import { modelShape } from '../model/model-shape.js'
import { writeParameters } from '../model/tensors.js'
import { defaults } from '../options.js'
import { conflict, type ResolvedModelOptions } from '../options/model.js'
import type { Wanted } from '../schema/match.js'
import { schemaEncoding, type Encoding } from '../schema/program.js'
import { targetScale, type Dialect } from '../schema/schema.js'
import type { InputFile } from '../source/files.js'
import { openSource } from '../source/open-source.js'

/** A model laid out in shared memory. */
export interface LaidOutModel {
  readonly model: TrainedModel
  readonly memory: SharedMemory
  readonly encoding: Encoding
  readonly plan: ModelPlan
  readonly loss: Loss
}

/** A model, and an input whose rows the workers score with it, in their order. */
export interface ModelRun<Scoring extends BlockScoring = BlockScoring> extends LaidOutModel {
  readonly scoring: Scoring
  readonly flow: RowFlow
  /** That the rows come from. */
  readonly files: readonly InputFile[]
  /** Accounts for the rows; those that the model was used on count as trained. */
  readonly rows: EpochRows
  readonly quarantine: Quarantine | undefined
  close(): Promise<void>
}

/** What is done with the rows. */
export interface ModelRunNeeds<Scoring extends BlockScoring> {
  /** Features alone, or target and weight too. */
  readonly wanted: Wanted
  /** Blocks keep their bytes while their rows are scored. */
  readonly keepBytes: boolean
  /** As StreamFlowOptions.live. */
  readonly live: boolean
  scoring(laidOut: LaidOutModel): Scoring
}

/**
 * Loads the model, opens the input and starts the workers; closes what is open where it fails. `stopped` ends the wait for
 * a stream that sends nothing.
 */
export async function openModelRun<Scoring extends BlockScoring>(
  options: ResolvedModelOptions,
  needs: ModelRunNeeds<Scoring>,
  stopped: AbortSignal,
): Promise<ModelRun<Scoring>> {
  const model = await loadTrainedModel(options.model)
  const given = mergeDialect(model.schema.dialect, options)
  const memory = new SharedMemory(compileKernel())
  const laidOut = layOut(model, memory)
  const scoring = needs.scoring(laidOut)
  const source = await openSource(options.input, { encoding: options.encoding, stopped })
  const live = needs.live && source.kind === 'streams'
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
    begun = await beginRows(memory, source, given, live)
    quarantine = openQuarantine(options, { 'the model': options.model, 'the output': options.out })
    const { files = [] } = source
    const reading = {
      memory,
      pool,
      schema: model.schema,
      wanted: needs.wanted,
      keepBytes: needs.keepBytes,
      live,
      scoring,
      onBadRow: options.onBadRow,
      memoryBytes: options.memory,
    }
    const { schema, flow } = schemaRows(begun, reading)
    const badRows = new BadRowAccount(memory, schema, { ...options, schemaIsFixed: true }, quarantine)
    return { ...laidOut, scoring, flow, files, rows: new EpochRows(badRows), quarantine, close }
  } catch (error) {
    quarantine?.discard()
    await close()
    throw error
  }
}

function layOut(model: TrainedModel, memory: SharedMemory): LaidOutModel {
  const encoding = schemaEncoding(model.schema)
  const network = model.kind === 'network' ? model.network : undefined
  const shape = modelShape(encoding.layout, model.outputs, encoding.categoryIndices, network)
  const parameters = memory.allocate('parameters', shape.words * 4)
  writeParameters(model, shape, memory.f32(parameters))
  const plan = modelPlan(encoding.layout, shape, parameters.start)
  const loss = createLoss(model.loss, model.lossSettings, targetScale(model.schema.target))
  return { model, memory, encoding, plan, loss }
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
