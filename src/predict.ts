import { concatMap, concat, defer, ignoreElements, lastValueFrom, type Observable } from 'rxjs'
import { withOutput, type PredictionOutput } from './artifact/prediction-output.js'
import type { BadRowCounts } from './bad-row-codes.js'
import { scoredOutputs } from './flow/scored-outputs.js'
import { unchangedFiles } from './flow/unchanged-files.js'
import { withRun } from './flow/with-run.js'
import { openModelRun, type ModelRun } from './predicting/model-run.js'
import { resolveModelOptions } from './options/model.js'
import type { PredictOptions } from './options.js'
import { predictionLines, type PredictionLines } from './predicting/prediction-lines.js'

/** What `predict` has done. */
export interface PredictResult {
  /** read = predicted + skipped. */
  rows: { read: number; predicted: number; skipped: number }
  /** The skipped rows by reason. */
  badRows: BadRowCounts
}

/**
 * Predicts every row of CSV files or of standard input with a saved model; writes CSV, or JSON objects, a line a row, rows in the
 * order of the input.
 *
 * Lines: the kept columns, `prediction` (in the units of the data, or the most probable class), and for classes
 * `probability_<class>` for each; of a hinge loss, which estimates no probability, the `score`; where they are explained `bias` and
 * `contribution_<column>`. Numbers are the shortest text of their f32. Rows of a stream are written as they arrive. Memory does not
 * grow with the input.
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
          openModelRun(
            checked,
            {
              wanted: 'features',
              keepBytes: checked.keep.length > 0,
              live: true,
              scoring: ({ memory, model, plan, encoding }) =>
                predictionLines(memory, model, plan, encoding.layout, checked),
            },
            stopped,
          ),
        (run) => writeLines(run, output),
        checked.signal,
      ),
    ),
  )
}

/** Blocks, whose lines the workers have written → output. A block is given back when its lines have been accepted, which is the credit to read on. */
function writeLines(run: ModelRun<PredictionLines>, output: PredictionOutput): Observable<PredictResult> {
  const { flow, rows, scoring } = run
  const written = flow.blocks(1).pipe(
    concatMap(async (block) => {
      rows.open(block)
      for await (const { bytes } of scoredOutputs(block, flow.parser)) await output.write(bytes)
      rows.trained(block.rows, 0, 0)
      block.release()
    }),
    ignoreElements(),
    unchangedFiles(run.files),
  )
  return concat(
    defer(() => output.write(scoring.header)).pipe(ignoreElements()),
    written,
    defer(async () => result(run)),
  )
}

function result({ rows, quarantine }: ModelRun): PredictResult {
  rows.check()
  quarantine?.finish()
  const { read, trained, skipped } = rows.counts
  return { rows: { read, predicted: trained, skipped }, badRows: rows.badRows.counts }
}
