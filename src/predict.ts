import { concatMap, concat, defer, ignoreElements, lastValueFrom, type Observable } from 'rxjs'
import { withOutput, type PredictionOutput } from './artifact/prediction-output.js'
import { predictionText } from './artifact/prediction-text.js'
import type { BadRowCounts } from './bad-row-codes.js'
import { SCORED_AT_ONCE } from './engine/score.js'
import { usageError } from './errors.js'
import type { Block, PartColumns } from './flow/block.js'
import { KeptFields } from './flow/kept-fields.js'
import { unchangedFiles } from './flow/unchanged-files.js'
import { withRun } from './flow/with-run.js'
import { lossFacts } from './loss/index.js'
import { openModelRun, type ModelRun } from './model-run.js'
import { resolveModelOptions } from './options-model.js'
import type { PredictOptions } from './options.js'
import { didYouMean } from './suggest.js'

export interface PredictResult {
  /** read = predicted + skipped. */
  rows: { read: number; predicted: number; skipped: number }
  /** The skipped rows by reason. */
  badRows: BadRowCounts
}

/**
 * Predicts every row of CSV files or of standard input with a saved model; writes CSV, rows in the order of the input.
 *
 * Lines: the kept columns, `prediction` (in the units of the data, or the most probable class), and for classes
 * `probability_<class>` for each; of a hinge loss, which estimates no probability, the `score`. Numbers are the shortest text of their f32. Memory does not grow with the input.
 *
 * Rejects with a MillraceError where the options, the model, the input or the output are at fault; the output file is
 * then as it was before.
 */
export async function predict(options: PredictOptions): Promise<PredictResult> {
  const checked = resolveModelOptions(options)
  return withOutput(checked.out, (output) =>
    lastValueFrom(
      withRun(
        (stopped) =>
          openModelRun(checked, { wanted: 'features', keepBytes: checked.keep.length > 0 }, stopped),
        (run) => predictRows(run, checked.keep, output),
        checked.signal,
      ),
    ),
  )
}

/** Blocks → text → output. A block is given back when its text has been accepted, which is the credit to read on. */
function predictRows(
  run: ModelRun,
  keep: readonly string[],
  output: PredictionOutput,
): Observable<PredictResult> {
  const { flow, rows, model } = run
  const text = predictionText(model.schema.target, model.outputs, lossFacts(model.loss).metrics)
  const kept = keptFields(run, keep)
  const written = flow.blocks(1).pipe(
    concatMap(async (block) => {
      rows.open(block)
      await output.write(blockText(run, block, text, kept))
      rows.trained(block.rows, 0, 0)
      block.release()
    }),
    ignoreElements(),
    unchangedFiles(run.files),
  )
  return concat(
    defer(() => output.write(text.header(keep))).pipe(ignoreElements()),
    written,
    defer(async () => result(run)),
  )
}

function blockText(
  { scorer, encoding }: ModelRun,
  block: Block,
  text: ReturnType<typeof predictionText>,
  kept: (block: Block) => readonly string[] | undefined,
): string {
  const starts = kept(block)
  const stride = encoding.layout.strideWords * 4
  let lines = ''
  for (let first = 0; first < block.rows; first += SCORED_AT_ONCE) {
    const count = Math.min(SCORED_AT_ONCE, block.rows - first)
    const predictions = scorer.predict(block.slot.rows + first * stride, count)
    lines += text.lines(predictions, count, starts, first)
  }
  return lines
}

/** The kept fields of a block's rows; where they are depends on the columns of its file. */
function keptFields(
  { memory, columns: first }: ModelRun,
  keep: readonly string[],
): (block: Block) => readonly string[] | undefined {
  if (keep.length === 0) return () => undefined
  const fieldsOf = ({ names, context }: PartColumns, file?: string): KeptFields =>
    new KeptFields(memory, context, names.length, keptColumns(names, keep, file))
  const known = new Map([[first, fieldsOf(first)]])
  return (block) => {
    const { columns, file } = block.origin
    const fields = known.get(columns) ?? fieldsOf(columns, file)
    known.set(columns, fields)
    return fields.ofBlock(block)
  }
}

function keptColumns(names: readonly string[], keep: readonly string[], file: string | undefined): number[] {
  return keep.map((name) => {
    const column = names.indexOf(name)
    if (column >= 0) return column
    const where = file === undefined ? '' : ` in ${file}`
    const message = `keep: there is no column ${JSON.stringify(name)}${where}`
    throw usageError('UNKNOWN_COLUMN', message, didYouMean(name, names), { option: 'keep' })
  })
}

function result({ rows, quarantine }: ModelRun): PredictResult {
  rows.check()
  quarantine?.finish()
  const { read, trained, skipped } = rows.counts
  return { rows: { read, predicted: trained, skipped }, badRows: rows.badRows.counts }
}
