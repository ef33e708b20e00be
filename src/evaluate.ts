import { concat, concatMap, defer, ignoreElements, lastValueFrom, type Observable } from 'rxjs'
import type { BadRowCounts } from './bad-row-codes.js'
import { measuring, type BlockMeasuring } from './engine/block-scoring.js'
import { metricsFor } from './engine/score.js'
import { runError } from './errors.js'
import { scoredOutputs } from './flow/scored-outputs.js'
import { unchangedFiles } from './flow/unchanged-files.js'
import { withRun } from './flow/with-run.js'
import { lossFacts } from './loss/index.js'
import { createTables, type EvaluationTables, type Metrics, type TableAccumulator } from './metric/index.js'
import type { TrainedModel } from './model/index.js'
import { openModelRun, type ModelRun } from './predicting/model-run.js'
import { resolveModelOptions } from './options/model.js'
import type { EvaluateOptions } from './options.js'
import { thresholdOf } from './portable/prediction.js'

/** What `evaluate` has found. */
export interface EvaluateResult {
  /** read = evaluated + skipped. */
  rows: { read: number; evaluated: number; skipped: number }
  /** The skipped rows by reason. */
  badRows: BadRowCounts
  metrics: Metrics
  tables: EvaluationTables
}

/**
 * Scores a saved model on CSV files or standard input that have its target column (and its weight column, where it was
 * trained with one).
 *
 * Two classes: loss, logLoss, auc, accuracy, brier, precision, recall, f1 (of the second class); with a hinge loss neither
 * logLoss nor brier. Several: loss, logLoss, accuracy, and the means of precision, recall and f1 over the classes. Numbers:
 * loss, rmse, mae, r2, in the units of the data; with a quantile pinball and coverage too, with poisson, gamma and tweedie
 * the deviance. They are those of training's validation on the same rows, where the threshold is its default. Tables: confusion,
 * calibration, deciles (metric/tables.ts). Memory does not grow with the input.
 *
 * Rejects with a MillraceError where the options, the model or the input are at fault, and NO_ROWS where none was read.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  const checked = resolveModelOptions(options)
  return lastValueFrom(
    withRun(
      (stopped) =>
        openModelRun(
          checked,
          {
            wanted: 'all',
            keepBytes: false,
            live: false,
            scoring: ({ memory, plan, encoding, loss }) => measuring(memory, plan, encoding.layout, loss),
          },
          stopped,
        ),
      (run) => evaluateRows(run, thresholdOf(run.model, checked.threshold)),
      checked.signal,
    ),
  )
}

/** Blocks, whose rows the workers have scored → metrics. A block is given back when it has been measured. */
function evaluateRows(run: ModelRun<BlockMeasuring>, threshold: number): Observable<EvaluateResult> {
  const { flow, rows, model, scoring } = run
  const metrics = metricsFor(lossFacts(model.loss), model.schema.target, model.outputs, threshold)
  const tables = tablesFor(model, threshold)
  const measured = flow.blocks(1).pipe(
    // Async, so that what the block's steps throw fails the stream and other events get their turn.
    concatMap(async (block) => {
      rows.open(block)
      for await (const scored of scoredOutputs(block, flow.parser)) {
        for (const { sum, rows: run } of scoring.runsOf(block.slot.rows, scored)) {
          metrics.addLoss(sum)
          metrics.addRows(run)
          tables.addRows(run)
        }
      }
      rows.trained(block.rows, 0, 0)
      block.release()
    }),
    ignoreElements(),
    unchangedFiles(run.files),
  )
  return concat(
    measured,
    defer(async () => result(run, metrics.result(), tables.result())),
  )
}

function tablesFor({ loss, outputs, schema: { target } }: TrainedModel, threshold: number): TableAccumulator {
  const { mean, scale, classes } = { mean: 0, scale: 1, classes: [], ...target }
  return createTables(lossFacts(loss).metrics, outputs, { mean, scale, classes }, threshold)
}

function result({ rows, quarantine }: ModelRun, metrics: Metrics, tables: EvaluationTables): EvaluateResult {
  rows.check()
  quarantine?.finish()
  const { read, trained, skipped } = rows.counts
  if (trained === 0) {
    throw runError(
      'NO_ROWS',
      `expected rows to evaluate, found none (${skipped} skipped)`,
      'give a CSV that has rows',
    )
  }
  return { rows: { read, evaluated: trained, skipped }, badRows: rows.badRows.counts, metrics, tables }
}
