import { loadModel } from './artifact/index.js'
import type { Region } from './engine/memory.js'
import { SharedMemory } from './engine/memory.js'
import { compileKernel, WorkerPool } from './engine/pool.js'
import { lossUnit, Scorer } from './engine/score.js'
import { BadRowAccount } from './flow/bad-row-account.js'
import { EpochRows } from './flow/epoch-rows.js'
import { openStream, type OpenStream } from './flow/open-stream.js'
import { openQuarantine, type Quarantine } from './flow/quarantine.js'
import type { RowFlow } from './flow/row-flow.js'
import { blocksAhead, streamFlow } from './flow/stream-flow.js'
import type { Model } from './model/index.js'
import { linearParameters, linearShape } from './model/linear.js'
import { conflict, type ResolvedModelOptions } from './options-model.js'
import { matchColumns, type MatchedColumns, type Wanted } from './schema/match.js'
import type { ContextAddress } from './schema/parse-context.js'
import { schemaEncoding, writeProgram, type Encoding } from './schema/program.js'
import type { Dialect, Schema } from './schema/schema.js'
import { filePart, StandardInput, type StreamPart } from './source/byte-stream.js'
import { closeFiles, openFiles } from './source/files.js'
import { resolveInput } from './source/input.js'

/** A model laid out in shared memory, and an input whose rows it is used on, in their order. */
export interface ModelRun {
  readonly model: Model
  readonly memory: SharedMemory
  readonly context: ContextAddress
  readonly columns: MatchedColumns
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

/** Loads the model, opens the input and starts the workers; closes what is open where it fails. */
export async function openModelRun(options: ResolvedModelOptions, needs: ModelRunNeeds): Promise<ModelRun> {
  const model = await loadModel(options.model)
  const dialect = mergeDialect(model.schema.dialect, options)
  const { parts, close: closeSource } = openSource(options.input as readonly string[])
  const memory = new SharedMemory(compileKernel())
  const pool = new WorkerPool(options.workers, { memory: memory.memory, module: memory.module })
  let quarantine: Quarantine | undefined
  const close = async (): Promise<void> => {
    quarantine?.close()
    await pool.close()
    closeSource()
  }
  try {
    const opened = await openStream(parts, { memory, dialect }, SAMPLE_BYTES)
    quarantine = openQuarantine(options, { 'the model': options.model, 'the output': options.out })
    return { ...layOut(model, memory, pool, dialect, opened, options, quarantine, needs), quarantine, close }
  } catch (error) {
    quarantine?.discard()
    await close()
    throw error
  }
}

function layOut(
  model: Model,
  memory: SharedMemory,
  pool: WorkerPool,
  dialect: Dialect,
  { names, context, parts, meanRecord, longestRecord }: OpenStream,
  options: ResolvedModelOptions,
  quarantine: Quarantine | undefined,
  { wanted, keepBytes }: ModelRunNeeds,
): Omit<ModelRun, 'close' | 'quarantine'> {
  const columns = matchColumns(model.schema, dialect, names, wanted, parts[0]!.name)
  const encoding = writeProgram(
    memory,
    context,
    { ...model.schema, dialect },
    wanted === 'all',
    columns.places,
  )
  const parameters = writeParameters(memory, model, encoding)
  const scorer = new Scorer(
    memory,
    encoding,
    model.outputs,
    model.loss,
    parameters.start,
    lossUnit(model.schema.target),
  )
  const largest = sizeOfBlocks(model.schema, options)
  const read = { memory, context, dialect, names, meanRecord, longestRecord, inOrder: true, keepBytes }
  const flow = streamFlow(
    parts,
    {
      ...read,
      options: {
        header: dialect.header,
        shuffle: false,
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
  const rows = new EpochRows(badRows, undefined)
  return { model, memory, context, columns, encoding, flow, scorer, rows }
}

/** As large as is of use, and small enough for the bytes, scratch and rows of all blocks ahead to fit into the memory. */
function sizeOfBlocks(schema: Schema, { workers, memory }: ResolvedModelOptions): number {
  const rowBytesAByte = (schemaEncoding(schema).layout.strideWords * 4) / schema.columns.length
  const affordable = Math.floor(memory / (blocksAhead(workers) * (3 + rowBytesAByte)))
  return Math.max(LEAST_BLOCK_BYTES, Math.min(MOST_BLOCK_BYTES, affordable))
}

/** The input's dialect: the model's, but for what the options say. */
function mergeDialect(model: Dialect, { delimiter, quote, comment, header }: ResolvedModelOptions): Dialect {
  const dialect = {
    delimiter: delimiter ?? model.delimiter,
    quote: quote === undefined ? model.quote : quote === '' ? undefined : quote,
    comment: comment ?? model.comment,
    header: header ?? model.header,
    missingTokens: model.missingTokens,
  }
  const pairs = [
    ['delimiter', 'quote'],
    ['delimiter', 'comment'],
    ['quote', 'comment'],
  ] as const
  for (const [one, other] of pairs) {
    if (dialect[one] === undefined || dialect[one] !== dialect[other]) continue
    throw conflict(other, `it is the same character as ${one}`, `give ${other} or ${one} another character`)
  }
  return dialect
}

function openSource(input: readonly string[]): { parts: StreamPart[]; close: () => void } {
  const found = resolveInput(input)
  if (found.kind === 'stream') {
    const stream = new StandardInput()
    return { parts: [{ name: stream.name, open: () => stream }], close: () => stream.close() }
  }
  const files = openFiles(found.paths)
  return { parts: files.map(filePart), close: () => closeFiles(files) }
}

/** Writes the tensors as the kernel reads them: a row of w is padded to a multiple of four words. */
function writeParameters(memory: SharedMemory, model: Model, { layout, categoryIndices }: Encoding): Region {
  const shape = linearShape(layout, model.outputs, categoryIndices)
  const region = memory.allocate('parameters', shape.words * 4)
  const { w, bias, v } = linearParameters(shape, memory.f32(region))
  for (let k = 0; k < model.outputs; k++) {
    w.set(model.weights.subarray(k * layout.dense, (k + 1) * layout.dense), k * layout.denseWords)
  }
  bias.set(model.bias)
  v.set(model.categoryWeights)
  return region
}
