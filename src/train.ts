import { concat, defer, from, mergeMap, tap, type Observable } from 'rxjs'
import { betweenSteps } from './run/between-steps.js'
import { keepingState } from './checkpoint/keep-state.js'
import { diverged } from './run/diverged.js'
import { finishEpoch, finishRun } from './run/finish.js'
import type { StepEvent, TrainEvent } from './events.js'
import { failPoint } from './fail-points.js'
import { EpochRows, holdOut } from './flow/epoch-rows.js'
import { inTurn } from './flow/in-turn.js'
import { miniBatches, type BatchPlan, type MiniBatch } from './flow/mini-batches.js'
import { passes } from './flow/passes.js'
import { progress } from './flow/progress.js'
import { unchangedFiles } from './flow/unchanged-files.js'
import { withRun } from './flow/with-run.js'
import { alongside, withNews } from './flow/with-news.js'
import { keepingLastGood, weightsSoFar } from './run/keep-last-good.js'
import type { Model } from './predicting/node-model.js'
import { resolveOptions } from './options/check.js'
import type { ResolvedOptions, RowSource, TrainOptions } from './options.js'
import { openSinks } from './report/sinks.js'
import { watched } from './report/watched.js'
import { RunControl } from './run/run-control.js'
import { RunNews } from './run/run-news.js'
import { openRun } from './run/open-run.js'
import { checkInput, secondsOf, startEvent, startWarnings, type Run } from './run/run.js'

/**
 * Trains a model; emits what happens, and last a `done` event that carries the model.
 *
 * Cold: subscribing starts the run, unsubscribing (or `options.signal`) stops it and frees its threads and files.
 * Errors with a MillraceError where the options, the input or the machine are at fault.
 */
export function train(options: TrainOptions): Observable<TrainEvent> {
  return defer(() => {
    const resolved = resolveOptions(options)
    const control = resolved.control ?? new RunControl()
    return runEvents(resolved, control).pipe(watched((warn) => openSinks(resolved, control, warn)))
  })
}

function runEvents(options: ResolvedOptions, control: RunControl): Observable<TrainEvent> {
  const stopped =
    options.signal === undefined ? control.signal : AbortSignal.any([options.signal, control.signal])
  return withRun(
    (closed) => openRun(options, control, closed),
    (run) => {
      const news = new RunNews(run)
      return concat(
        from([startEvent(run), ...startWarnings(run)]),
        passes(
          run.epochs,
          () => run.stopping?.isOver !== true,
          (epoch) => trainEpoch(run, news, epoch),
          (epoch) => run.resumption?.passAfter(epoch) ?? epoch + 1,
        ).pipe(keepingLastGood(run)),
        finishRun(run, news),
      ).pipe(keepingState(run, stopped), alongside(news.urgent))
    },
    stopped,
    (run) => run.checkpoints !== undefined,
  )
}

/** The same, for those who want no stream: the model, or the error. Rows of a known type give a model of such rows. */
export async function fit<Row extends object, Target extends keyof Row & string>(
  options: Omit<TrainOptions, 'input' | 'target'> & {
    input: RowSource<Row> | Observable<Row>
    target: Target
  },
): Promise<Model<Omit<Row, Target>>>
export async function fit(options: TrainOptions): Promise<Model>
export async function fit(options: TrainOptions): Promise<Model> {
  return new Promise((resolve, reject) => {
    train(options).subscribe({
      next: (event) => event.type === 'done' && resolve(event.model),
      error: reject,
    })
  })
}

/** One pass over the input: lanes → blocks → (workers) rows → mini-batches → shards → steps → events. */
function trainEpoch(run: Run, news: RunNews, epoch: number): Observable<TrainEvent> {
  const { options, flow, memory, input, watch, encoding, position } = run
  return defer(() => {
    checkInput(run)
    for (const context of input.parts.contexts) {
      holdOut(memory, context, options.validation, options.seed, epoch === 1)
    }
    const { heldOut, classWeigher } = run
    const { vocabularies } = encoding
    const { digest, categoryCounts } = run
    const first = epoch === 1 ? { heldOut, vocabularies, classWeigher, digest, categoryCounts } : {}
    const from = run.resumption?.flowOf(run, epoch)
    const rows = new EpochRows(run.badRows, first, from?.rows)
    const order = flow.order(epoch, options.shards, rows.open, from?.order)
    position.beginEpoch(epoch, rows, order)
    news.beginPass(rows)
    run.resumption?.beginPass(run, rows, from)
    const blocks = flow.blocks(epoch, from?.order)
    const steps = (
      epoch === 1 && watch !== undefined ? blocks.pipe(tap((block) => watch.see(block))) : blocks
    ).pipe(
      miniBatches(order, batchPlan(run)),
      inTurn(
        (batch) => (passOver(run, batch, rows) ? undefined : trainStep(run, batch, epoch, rows)),
        () => betweenSteps(run, news.urgent),
      ),
      unchangedFiles(input.files),
      progress(input.bytes, rows),
      withNews(() => news.take(epoch)),
    )
    return concat(steps, defer(() => finishEpoch(run, epoch, rows)).pipe(mergeMap((events) => events)))
  })
}

function batchPlan({ options, learner, memory, encoding, tally }: Run): BatchPlan {
  const { batch, gathered } = learner
  const { batchSize: batchRows, shards } = options
  const waited = (seconds: number): void => {
    tally.wait += seconds
  }
  return { batchRows, shards, batch, rowBytes: encoding.layout.strideWords * 4, memory, gathered, waited }
}

/** A run that goes on reads what the interrupted one has learned from, and does not learn from it again. */
function passOver(run: Run, batch: MiniBatch, rows: EpochRows): boolean {
  const { resumption, position } = run
  if (resumption?.isReached !== false) return false
  rows.passedOver(batch.rows)
  position.stepDone()
  resumption.reach(run, rows)
  return true
}

/** One training step: the loop that every model learns by. */
function trainStep(
  run: Run,
  batch: MiniBatch,
  epoch: number,
  rows: EpochRows,
): StepEvent | Promise<StepEvent> {
  const { placement, learner } = run
  run.newCategories?.begin()
  learner.catchUp() // category weights that have been left alone
  const learn = (): StepEvent | Promise<StepEvent> => {
    failPoint('before average')
    const { loss, weight } = learner.average() // the partial gradients of all shards, by a fixed tree
    failPoint('after average')
    if (!Number.isFinite(loss) || !Number.isFinite(learner.gradientNorm)) throw diverged(run, batch, loss)
    run.lastGood.see(loss, () => weightsSoFar(run, epoch, rows))
    learner.descent() //                          4  gradient, optimizer state → change
    failPoint('before update')
    learner.update() //                           5  w + change → w
    failPoint('after update')
    rows.trained(batch.rows, loss * run.loss.unit, weight)
    run.position.stepDone()
    const event = stepEvent(run, batch.rows, epoch, loss * run.loss.unit, rows)
    const written = run.checkpoints?.stepDone(run)
    return written === undefined ? event : written.then(() => event)
  }
  // 1 forward, 2 loss, 3 backprop: for every shard, on this thread or on the workers (engine/shards.ts).
  const gradients = placement.gradients()
  return gradients === undefined ? learn() : gradients.then(learn)
}

function stepEvent(run: Run, batchRows: number, epoch: number, loss: number, rows: EpochRows): StepEvent {
  const { step, learningRate, gradientNorm, parameters } = run.learner
  return {
    type: 'step',
    step,
    epoch,
    loss,
    progressiveLoss: rows.loss,
    learningRate,
    gradientNorm,
    batchRows,
    rows: rows.trainedRows,
    bytes: rows.bytes,
    seconds: secondsOf(run),
    parameters,
  }
}
