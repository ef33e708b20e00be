import { ContributionColumn, ParseContext, Word } from '../../workers/layout.js'
import type { LinesPlan, ModelPlan } from '../../workers/protocol.js'
import { writeLineProgram } from '../artifact/line-program.js'
import { outputFields } from '../artifact/prediction-fields.js'
import { MORE_THAN_EXPECTED, scoringPlan, type BlockScoring } from '../engine/block-scoring.js'
import type { SharedMemory } from '../engine/memory.js'
import { usageError } from '../errors.js'
import { mustBeLinear } from './explanation.js'
import { lossFacts } from '../loss/index.js'
import type { TrainedModel } from '../model/index.js'
import { conflict } from '../options/model.js'
import type { PredictionFormat } from '../options.js'
import { columnFeatures } from '../portable/contributions.js'
import { thresholdOf } from '../portable/prediction.js'
import type { PartColumns } from '../schema/part-columns.js'
import type { RowLayout } from '../step/rows.js'
import { didYouMean } from '../suggest.js'

/** What is written of each row. */
export interface LineOptions {
  readonly keep: readonly string[]
  readonly format: PredictionFormat
  readonly threshold: number | undefined
  readonly explain: boolean
}

/** How workers write the predictions of rows, and the first line of the output. */
export interface PredictionLines extends BlockScoring {
  readonly header: Uint8Array
}

/** A block passes through this thread in two steps, its bytes and its lines: fewer of them are larger ones. */
const BLOCK_BYTES = 1 << 20
/** Bytes that most numbers take. */
const USUAL_NUMBER = 11
/** Bytes of a kept field in CSV are at most 2 · length + 2, in JSON 6 · length + 2. */
const MOST_GROWTH = 6
/** The kernel copies 16 bytes at a time. */
const SPARE = 64

/**
 * Lays out how the lines of predictions are written.
 *
 * Throws usage errors: for a threshold where there are not two classes, for an explanation of a network, and in JSON for two
 * fields of one name.
 */
export function predictionLines(
  memory: SharedMemory,
  model: TrainedModel,
  plan: ModelPlan,
  layout: RowLayout,
  { keep, format, threshold, explain }: LineOptions,
): PredictionLines {
  const { target } = model.schema
  const explained = explain ? explainedColumns(memory, model, layout) : undefined
  const fields = outputFields(model, keep, explained?.names)
  if (format === 'ndjson') checkNames(fields.map(({ name }) => name))
  const classes = target.kind === 'number' ? [] : target.classes
  const { program, header, mostBytes } = writeLineProgram(memory, fields, classes, format)
  const listed = [...new Set(keep)]
  const into: LinesPlan = {
    kind: 'lines',
    program,
    kept: listed.length,
    threshold: thresholdOf(model, threshold),
    contributions: explained === undefined ? 0 : explained.names.length + 1,
    columns: explained?.start ?? 0,
  }
  const numbers = fields.length - keep.length
  const rowBytes = format === 'csv' ? numbers * (USUAL_NUMBER + 1) : mostBytes / 2 + numbers * USUAL_NUMBER
  return {
    header,
    blockBytes: BLOCK_BYTES,
    plan: scoringPlan(plan, lossFacts(model.loss).kernel.predict, into),
    rowBytes,
    outputRoom(blockBytes, rows) {
      const kept = keep.length * (MOST_GROWTH * blockBytes + 2)
      // At least one line, whatever it is; the part of a region that is never written to takes no memory.
      const usual = rows * rowBytes + (keep.length > 0 ? blockBytes : 0)
      const bytes = Math.ceil(usual * MORE_THAN_EXPECTED) + mostBytes + kept + SPARE
      return { bytes, blockBytes: keep.length > 0 ? blockBytes : 0 }
    },
    prepare: (columns, file) => writeKept(memory, listed, columns, file),
  }
}

/** Writes which columns of a part are kept (ParseContext.Kept). */
function writeKept(
  memory: SharedMemory,
  keep: readonly string[],
  { names, context }: PartColumns,
  file: string | undefined,
): void {
  if (keep.length === 0) return
  const kept = memory.allocate('kept columns', names.length * 4)
  const numbers = memory.u32(kept)
  keep.forEach((name, i) => {
    const column = names.indexOf(name)
    if (column < 0) throw unknownColumn(name, names, file)
    numbers[column] = i + 1
  })
  memory.views.u32[(context + ParseContext.Kept) >>> 2] = kept.start
}

function unknownColumn(name: string, names: readonly string[], file: string | undefined): Error {
  const where = file === undefined ? '' : ` in ${file}`
  const message = `keep: there is no column ${JSON.stringify(name)}${where}`
  return usageError('UNKNOWN_COLUMN', message, didYouMean(name, names), { option: 'keep' })
}

/** An object has each name once. */
function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice === undefined) return
  throw conflict(
    'keep',
    `two fields would be called ${JSON.stringify(twice)} in a line of JSON`,
    'leave one of them out, or write CSV (--format csv)',
  )
}

/** Writes the ContributionColumns of a linear model: where they start, and the names of the columns. */
function explainedColumns(
  memory: SharedMemory,
  model: TrainedModel,
  layout: RowLayout,
): { start: number; names: string[] } {
  mustBeLinear(model)
  const columns = columnFeatures(model.schema, layout)
  const { start } = memory.allocate('contribution columns', columns.length * ContributionColumn.SIZE)
  const firstScaled = layout.denseWords + layout.categories - layout.factors.length
  columns.forEach(({ from, to, isSlot }, i) => {
    const { u32 } = memory.views
    const word = (start + i * ContributionColumn.SIZE) >>> 2
    u32[word + ContributionColumn.From / 4] = from
    u32[word + ContributionColumn.To / 4] = isSlot ? 0 : to
    u32[word + ContributionColumn.Factor / 4] =
      isSlot && from >= firstScaled ? layout.factors[from - firstScaled]! : Word.None
  })
  return { start, names: columns.map(({ name }) => name) }
}
