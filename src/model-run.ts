import { loadModel } from './artifact/index.js'
import { SharedMemory } from './engine/memory.js'
import { modelPlan } from './engine/model-plan.js'
import { compileKernel, WorkerPool } from './engine/pool.js'
import { Scorer } from './engine/score.js'
import { BadRowAccount } from './flow/bad-row-account.js'
import { EpochRows } from './flow/epoch-rows.js'
import { dialectOf, readHeads, type GivenDialect, type Heads } from './flow/heads.js'
import { OpenParts } from './flow/open-parts.js'
import { beginParts } from './flow/open-stream.js'
import { openQuarantine, type Quarantine } from './flow/quarantine.js'
import type { RowFlow } from './flow/row-flow.js'
import { blocksAhead, streamFlow } from './flow/stream-flow.js'
import { inPlace, type StreamLane } from './flow/stream-lanes.js'
import { createLoss } from './loss/index.js'
import type { Model } from './model/index.js'
import { modelShape } from './model/model-shape.js'
import { writeParameters } from './model/tensors.js'
import { conflict, type ResolvedModelOptions } from './options-model.js'
import { matchColumns, type MatchedColumns, type Wanted } from './schema/match.js'
import { PartContexts, type PartColumns } from './schema/part-columns.js'
import { schemaEncoding, writeProgram, type Encoding } from './schema/program.js'
import { targetScale, type Dialect, type Schema } from './schema/schema.js'
import { filePart } from './source/byte-stream.js'
import { openSource } from './source/open-source.js'
import type { Source } from './source/source.js'

/** A model laid out in shared memory, and an input whose rows it is used on, in their order. */
export interface ModelRun {
  readonly model: Model
  readonly memory: SharedMemory
  /** Of the first part. */
  readonly columns: PartColumns
  readonly encoding: Encoding
  readonly flow: RowFlow
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

const SAMPLE_BYTES = 1 << 20
const MOST_BLOCK_BYTES = 256 << 10
const LEAST_BLOCK_BYTES = 16 << 10

/**
 * Loads the model, opens the input and starts the workers; closes what is open where it fails. `stopped` ends the wait for
 * a stream that sends nothing.
 */
export async function openModelRun(
  options: ResolvedModelOptions,
  needs: ModelRunNeeds,
  stopped: AbortSignal,
): Promise<ModelRun> {
  const model = await loadModel(options.model)
  const given = mergeDialect(model.schema.dialect, options)
  const source = await openSource(options.input, { encoding: options.encoding, stopped })
  const memory = new SharedMemory(compileKernel())
  const pool = new WorkerPool(options.workers, { memory: memory.memory, module: memory.module })
  const openParts = new OpenParts()
  let quarantine: Quarantine | undefined
  const close = async (): Promise<void> => {
    quarantine?.close()
    await pool.close()
    openParts.close()
    source.close()
  }
  try {
    const lane = laneOf(source)
    const [begun] = await beginParts(memory, [lane[0]!.part], openParts, SAMPLE_BYTES)
    const heads = readHeads(memory, dialectOf(source, given), begun!)
    const opened = { lane, heads, openParts, file: begun!.file }
    quarantine = openQuarantine(options, { 'the model': options.model, 'the output': options.out })
    return { ...layOut(model, memory, pool, opened, options, quarantine, needs), quarantine, close }
  } catch (error) {
    quarantine?.discard()
    await close()
    throw error
  }
}

/** All parts one after the other: rows are used in the order of the input. */
function laneOf(source: Source): StreamLane {
  return source.kind === 'streams'
    ? inPlace(source.parts)
    : source.files.map((file) => ({ part: filePart(file), position: file.base }))
}

interface OpenedLane {
  readonly lane: StreamLane
  readonly heads: Heads
  readonly openParts: OpenParts
  /** Name of the first part. */
  readonly file: string
}

function layOut(
  model: Model,
  memory: SharedMemory,
  pool: WorkerPool,
  { lane, heads, openParts, file }: OpenedLane,
  options: ResolvedModelOptions,
  quarantine: Quarantine | undefined,
  { wanted, keepBytes }: ModelRunNeeds,
): Omit<ModelRun, 'close' | 'quarantine'> {
  const { dialect, first, longestRecord } = heads
  const match = (head: readonly string[], part: string): MatchedColumns =>
    matchColumns(model.schema, dialect, head, wanted, part)
  const columns = match(first.names, file)
  const firstPart = { names: columns.names, context: first.context }
  const parts = new PartContexts(memory, firstPart, first.names, (head, part) => {
    const { names, places } = match(head, part)
    return { names, places: first.names.map((_, i) => places.of[columns.places.of.indexOf(i)]) }
  })
  const encoding = writeProgram(
    memory,
    first.context,
    { ...model.schema, dialect },
    wanted === 'all',
    columns.places,
  )
  parts.writePrograms()
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
  const largest = sizeOfBlocks(model.schema, options)
  const flow = streamFlow(
    [lane],
    {
      memory,
      heads,
      parts,
      openParts,
      inOrder: true,
      keepBytes,
      leastColumns: columns.places.of.filter((place) => place !== undefined).length,
      options: {
        shuffle: false,
        onBadRow: options.onBadRow,
        seed: 0,
        lanes: 1,
        blockBytes: Math.max(largest, 4 * longestRecord),
        memory: options.memory,
        shuffleBuffer: 0,
      },
    },
    encoding,
    pool,
  )
  const badRows = new BadRowAccount(memory, columns.schema, { ...options, schemaIsFixed: true }, quarantine)
  const rows = new EpochRows(badRows)
  return { model, memory, columns: firstPart, encoding, flow, scorer, rows }
}

/** As large as is of use, and small enough for the bytes, scratch and rows of all blocks ahead to fit into the memory. */
function sizeOfBlocks(schema: Schema, { workers, memory }: ResolvedModelOptions): number {
  const rowBytesAByte = (schemaEncoding(schema).layout.strideWords * 4) / schema.columns.length
  const affordable = Math.floor(memory / (blocksAhead(workers) * (3 + rowBytesAByte)))
  return Math.max(LEAST_BLOCK_BYTES, Math.min(MOST_BLOCK_BYTES, affordable))
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
