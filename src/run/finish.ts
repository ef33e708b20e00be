import { concat, defer, mergeMap, type Observable } from 'rxjs'
import { saveModel } from '../artifact/index.js'
import { describeBadRows } from '../bad-row-codes.js'
import { checkWeights } from './diverged.js'
import { runError, type MillraceError } from '../errors.js'
import type { DoneEvent, EpochEvent, RowCounts, TrainEvent, ValidationEvent } from '../events.js'
import type { EpochRows } from '../flow/epoch-rows.js'
import type { TrainedModel } from '../model/index.js'
import { asModel } from '../predicting/node-model.js'
import { dropOptions, keepOptions } from './kept-options.js'
import { linearTensors, networkTensors } from '../model/tensors.js'
import { checkInput, secondsOf, weightsByClass, type FinishedEpoch, type Run } from './run.js'
import type { RunNews } from './run-news.js'
import { countedSchema } from '../schema/counted-schema.js'
import { grownSchema } from '../schema/grown-schema.js'
import { interactionName } from '../schema/interactions.js'
import { lossToCompare, scoreHeldOut } from './validation.js'
import { version } from '../version.js'

/** The end of one pass; its events, where rows were learned from in it. */
export async function finishEpoch(
  run: Run,
  epoch: number,
  rows: EpochRows,
): Promise<(ValidationEvent | EpochEvent)[]> {
  const { resumption, position } = run
  resumption?.checkPassed(run)
  const learned = resumption?.isReached !== false
  const finish = async (): Promise<(ValidationEvent | EpochEvent)[]> => {
    await finishPass(run, epoch, rows)
    return learned ? scoreEpoch(run, epoch, rows) : []
  }
  const events = await position.endEpoch(finish(), resumption?.passAfter(epoch) ?? epoch + 1)
  resumption?.reach(run)
  return events
}

/** What a pass leaves behind, whether its rows were learned from or, in a run that goes on, only read: every row accounted for. */
async function finishPass(run: Run, epoch: number, rows: EpochRows): Promise<void> {
  rows.check()
  if (rows.trainedRows === 0) throw noRowsTrained(rows)
  checkInput(run)
  // Vocabularies grow in the first pass only: later ones, and the rows and scores below, find them as they are.
  run.encoding.vocabularies?.close()
  run.newCategories?.begin()
  if (epoch === 1) run.tally.validationRows = await run.validationReader?.read()
  run.quarantine?.finish()
  if (epoch === 1) await run.cache?.keep()
  run.tally.read += rows.readSeconds
  run.tally.parse += rows.parseSeconds
  run.tally.bytes += rows.bytes
}

/** Held-out rows scored, and what follows from it. */
async function scoreEpoch(
  run: Run,
  epoch: number,
  rows: EpochRows,
): Promise<(ValidationEvent | EpochEvent)[]> {
  // What is scored is what the model file would hold: the mean of the weights, where they are averaged.
  const weights = run.learner.result()
  checkWeights(run, weights)
  const scoringSince = performance.now()
  const validation = await scoreHeldOut(run, weights)
  run.tally.validation += (performance.now() - scoringSince) / 1000
  const { learner, stopping, tally } = run
  learner.epochEnded(validation === undefined ? rows.loss : lossToCompare(validation))
  const counts = { rows: rows.counts, badRows: rows.badRows.counts, validationRows: tally.validationRows }
  const finished = { epoch, ...counts, loss: rows.loss, validation }
  tally.last = { ...finished, steps: learner.step }
  tally.first ??= tally.last
  if (stopping !== undefined) {
    if (validation === undefined) throw noRowsHeldOut(rows)
    stopping.record(tally.last, lossToCompare(validation), weights)
  }
  const at = { epoch, step: learner.step, seconds: secondsOf(run) }
  const ended: EpochEvent = { type: 'epoch', ...finished, ...at, bestEpoch: stopping?.best?.epoch.epoch }
  if (validation === undefined) return [ended]
  return [{ type: 'validation', ...at, metrics: validation, rows: run.heldOut!.count }, ended]
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

/** There would be nothing to go by. */
function noRowsHeldOut({ counts }: EpochRows): MillraceError {
  return runError(
    'NO_VALIDATION_ROWS',
    `expected rows to tell by whether training goes on getting better, but none of ${counts.read} are held out`,
    'hold out a larger fraction of so few rows (--validation), or leave out --patience',
  )
}

/** The end of the run: a last checkpoint, where there were others, after which nothing is left to learn, and the model, saved where it was asked for. */
export function finishRun(run: Run, news: RunNews): Observable<TrainEvent> {
  return concat(
    defer(async () => run.checkpoints?.writeLast(run)).pipe(mergeMap(() => run.checkpoints?.take() ?? [])),
    defer(() => finish(run)).pipe(
      mergeMap(async (done) => [...news.last(done.epochs, done.model), ...(await keepOptions(run)), done]),
      mergeMap((events) => events),
    ),
  )
}

async function finish(run: Run): Promise<DoneEvent> {
  const { learner, placement, tally, options, stopping, resumption } = run
  const { epoch: epochs, badRows, rows } = tally.last!
  const best = stopping?.best
  const trained = best?.epoch ?? tally.last!
  const model = trainedModel(run, trained, best?.weights ?? learner.result())
  if (options.out !== undefined) {
    // A kill between the two leaves a model without its options, and never with those of another run.
    await dropOptions(options.out)
    await saveModel(options.out, model)
  }
  const seconds = secondsOf(run)
  const { average, update } = learner.seconds
  return {
    type: 'done',
    model: asModel(model),
    epochs,
    steps: learner.step,
    seconds,
    rowsPerSecond: Math.round((rows.read * epochs - rowsBefore(resumption, rows)) / seconds),
    rows,
    badRows,
    progressive: { loss: tally.first!.loss },
    train: { loss: trained.loss },
    validation: trained.validation,
    validationRows: tally.validationRows,
    bestEpoch: best?.epoch.epoch,
    times: {
      read: tally.read,
      parse: tally.parse,
      wait: tally.wait,
      gradient: placement.seconds,
      average,
      update,
    },
  }
}

/** Rows that the interrupted run has used. */
function rowsBefore(resumption: Run['resumption'], { read }: RowCounts): number {
  return resumption === undefined ? 0 : (resumption.position.epoch - 1) * read + resumption.position.trained
}

/** The model of these weights, of an epoch or of a part of one. */
export function trainedModel(
  run: Run,
  { epoch, steps, rows, ...trained }: FinishedEpoch,
  all: Float32Array,
): TrainedModel {
  const { loss, outputs, options } = run
  const { shape } = run.learner
  const grown = grownSchema(run.schema, run.encoding.vocabularies!.snapshot())
  const { trainedIndices } = grown
  const schema = countedSchema(grown, run.categoryCounts?.all)
  const facts = {
    schema,
    loss: loss.name,
    lossSettings: loss.settings,
    outputs,
    provenance: {
      version,
      seed: options.seed,
      options: recordedOptions(run),
      epochs: epoch,
      steps,
      rows,
      train: { loss: trained.loss },
      validation: trained.validation,
    },
  }
  return shape.kind === 'linear'
    ? { kind: 'linear', ...facts, ...linearTensors(shape, all, trainedIndices) }
    : { kind: 'network', network: shape.settings, ...facts, ...networkTensors(shape, all, trainedIndices) }
}

/** The options that decide the weights; where things ran is not among them. */
function recordedOptions(run: Run): TrainedModel['provenance']['options'] {
  const { options } = run
  const classWeights = weightsByClass(run)
  return {
    batchSize: options.batchSize,
    optimizer: options.optimizer,
    learningRate: options.learningRate,
    optimizerSettings: settingsText(options.optimizerSettings),
    schedule: options.schedule,
    scheduleSettings: settingsText(options.scheduleSettings),
    warmup: options.warmup,
    l1: options.l1,
    l2: options.l2,
    weightDecay: options.weightDecay,
    penalizeBias: options.penalizeBias,
    penalizeCategories: options.penalizeCategories,
    clipNorm: options.clipNorm ?? null,
    clipValue: options.clipValue ?? null,
    averageWeights: options.averageWeights,
    lanes: options.lanes ?? null,
    shuffle: options.shuffle,
    shards: options.shards,
    validation: options.validationFiles.length > 0 ? 'file' : options.validation,
    patience: options.patience ?? null,
    classWeight: classWeights === undefined ? null : JSON.stringify(classWeights),
    minImprovement: options.minImprovement,
    interactions: options.interactions.map(interactionName).join(',') || null,
    shuffleBuffer: options.shuffleBuffer,
    memory: options.memory,
    blockBytes: options.blockBytes ?? null,
    maxCategories: options.maxCategories,
    minCount: options.minCount,
    hashBits: options.hashBits ?? null,
    ...recordedNetwork(run),
    ...recordedBeginning(run),
  }
}

/** What of a network the model does not say by itself: how it was made to learn. */
function recordedNetwork({ options, learner }: Run): TrainedModel['provenance']['options'] {
  if (learner.shape.kind === 'linear') return {}
  return { dropout: options.dropout, init: options.initModel === undefined ? options.init : null }
}

/** The model that was gone on from: its fingerprint tells it from others, wherever it lies. */
function recordedBeginning({ options }: Run): TrainedModel['provenance']['options'] {
  const { initModel, freezePreprocessing } = options
  return initModel === undefined ? {} : { initModel, freezePreprocessing }
}

/** As the command line takes them; null where all are the defaults. */
function settingsText(settings: Readonly<Record<string, number>>): string | null {
  const texts = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return texts.sort().join(',') || null
}
