import { defer, from, type Observable } from 'rxjs'
import { saveModel } from './artifact/index.js'
import { describeBadRows } from './bad-row-codes.js'
import { metricsFor } from './engine/score.js'
import { runError, type MillraceError } from './errors.js'
import type { DoneEvent, EpochEvent } from './events.js'
import type { EpochRows } from './flow/epoch-rows.js'
import type { Metrics } from './metric/index.js'
import type { Model } from './model/index.js'
import { linearParameters } from './model/linear.js'
import { checkInput, type Run } from './run.js'
import { grownSchema } from './schema/grown-schema.js'
import { interactionName } from './schema/interactions.js'
import { version } from './version.js'

/** Milliseconds of scoring after which other events are let through. */
const TURN = 10

/** The end of one pass: every row accounted for, held-out rows scored. */
export async function finishEpoch(run: Run, epoch: number, rows: EpochRows): Promise<EpochEvent> {
  rows.check()
  if (rows.trainedRows === 0) throw noRowsTrained(rows)
  run.quarantine?.finish()
  checkInput(run)
  // Vocabularies grow in the first pass only: later ones, and the scores below, find them as they are.
  run.encoding.vocabularies?.close()
  if (epoch === 1) await run.cache?.keep()
  run.tally.read += rows.readSeconds
  run.tally.parse += rows.parseSeconds
  const validation = await scoreHeldOut(run)
  const badRows = rows.badRows.counts
  const event: EpochEvent = { type: 'epoch', epoch, rows: rows.counts, badRows, loss: rows.loss, validation }
  run.tally.last = event
  return event
}

/** A model that has learned nothing would predict all the same. */
function noRowsTrained({ counts, badRows }: EpochRows): MillraceError {
  const { read, validation, skipped } = counts
  const reasons = skipped > 0 ? ` (${describeBadRows(badRows.counts)})` : ''
  return runError(
    'NO_ROWS',
    `expected rows to train on, but of ${read} rows ${skipped} are bad${reasons} and ${validation} held out`,
    skipped > 0
      ? '--on-bad-row fail stops at the first bad row and says what is wrong with it'
      : 'hold out a smaller fraction of so few rows (--validation)',
  )
}

/** Metrics of the current model on the held-out rows; undefined where there are none. */
async function scoreHeldOut({
  heldOut,
  schema,
  outputs,
  scorer,
  learner,
}: Run): Promise<Metrics | undefined> {
  if (heldOut === undefined || heldOut.count === 0) return undefined
  const metrics = metricsFor(schema.target, outputs)
  // What is scored is what the model file will hold: the mean of the weights, where they are averaged.
  const trained = learner.parameters.slice()
  learner.parameters.set(learner.result())
  let turn = performance.now()
  for (const { start, count } of heldOut.stretches()) {
    scorer.score(metrics, start, count)
    if (performance.now() - turn < TURN) continue
    await new Promise((resolve) => setImmediate(resolve))
    turn = performance.now()
  }
  learner.parameters.set(trained)
  return metrics.result()
}

/** The end of the run: the model, saved where it was asked for. */
export function finishRun(run: Run): Observable<DoneEvent> {
  return defer(() => from(finish(run)))
}

async function finish(run: Run): Promise<DoneEvent> {
  const { learner, placement, tally, epochs, options } = run
  const last = tally.last!
  const model = trainedModel(run, last)
  if (options.out !== undefined) await saveModel(options.out, model)
  const seconds = (performance.now() - run.started) / 1000
  const { average, update } = learner.seconds
  const busy = placement.seconds + average + update
  return {
    type: 'done',
    model,
    epochs,
    steps: learner.step,
    seconds,
    rowsPerSecond: Math.round((last.rows.read * epochs) / seconds),
    rows: last.rows,
    badRows: last.badRows,
    train: { loss: last.loss },
    validation: last.validation,
    times: {
      read: tally.read,
      parse: tally.parse,
      wait: Math.max(0, seconds - busy),
      gradient: placement.seconds,
      average,
      update,
    },
  }
}

function trainedModel(run: Run, last: EpochEvent): Model {
  const { learner, loss, outputs, options, epochs } = run
  const { shape } = learner
  const { schema, trainedIndices } = grownSchema(run.schema, run.encoding.vocabularies!.snapshot())
  const { w, bias, v } = linearParameters(shape, learner.result())
  const weights = new Float32Array(outputs * shape.dense)
  for (let k = 0; k < outputs; k++) {
    weights.set(w.subarray(k * shape.denseWords, k * shape.denseWords + shape.dense), k * shape.dense)
  }
  const categoryWeights = new Float32Array(trainedIndices.length * outputs)
  for (let i = 0; i < trainedIndices.length; i++) {
    const from = trainedIndices[i]! * outputs
    for (let k = 0; k < outputs; k++) categoryWeights[i * outputs + k] = v[from + k]!
  }
  return {
    kind: 'linear',
    schema,
    loss,
    outputs,
    weights,
    bias: bias.slice(),
    categoryWeights,
    provenance: {
      version,
      seed: options.seed,
      options: recordedOptions(options),
      epochs,
      steps: learner.step,
      rows: last.rows,
      train: { loss: last.loss },
      validation: last.validation,
    },
  }
}

/** The options that decide the weights; where things ran is not among them. */
function recordedOptions(options: Run['options']): Model['provenance']['options'] {
  const {
    batchSize,
    optimizer,
    learningRate,
    schedule,
    schedulePower,
    warmup,
    l2,
    lanes,
    shuffle,
    shards,
    validation,
  } = options
  const { shuffleBuffer, memory, blockBytes, interactions, maxCategories, minCount, hashBits } = options
  return {
    batchSize,
    optimizer,
    learningRate,
    schedule,
    schedulePower,
    warmup,
    l2,
    lanes: lanes ?? null,
    shuffle,
    shards,
    validation,
    interactions: interactions.map(interactionName).join(',') || null,
    shuffleBuffer,
    memory,
    blockBytes: blockBytes ?? null,
    maxCategories,
    minCount,
    hashBits: hashBits ?? null,
  }
}
