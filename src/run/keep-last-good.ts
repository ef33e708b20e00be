/** What is left of a run that has diverged. */
import { join, parse } from 'node:path'
import { catchError, defer, type MonoTypeOperatorFunction } from 'rxjs'
import { saveModel } from '../artifact/index.js'
import { DivergedError } from './diverged.js'
import { shownPath } from '../errors.js'
import { trainedModel } from './finish.js'
import type { EpochRows } from '../flow/epoch-rows.js'
import type { TrainedModel } from '../model/index.js'
import { asModel } from '../predicting/node-model.js'
import type { FinishedEpoch, Run } from './run.js'

/** Weights to go back to. */
export interface GoodWeights {
  readonly epoch: FinishedEpoch
  readonly weights: Float32Array
}

/** The weights as they are between two steps, with what is known of them. */
export function weightsSoFar({ learner, tally }: Run, epoch: number, rows: EpochRows): GoodWeights {
  const { trained, validation, skipped } = rows.counts
  const counts = { read: trained + validation + skipped, trained, validation, skipped }
  const known = { epoch, steps: learner.step, rows: counts, badRows: rows.badRows.counts }
  const { validationRows } = tally
  return {
    epoch: { ...known, loss: rows.loss, validation: undefined, validationRows },
    weights: learner.result(),
  }
}

/** Passes errors on; those of a run that has diverged when its last good weights have been kept. */
export function keepingLastGood<Event>(run: Run): MonoTypeOperatorFunction<Event> {
  return catchError((error: unknown) =>
    defer(async () => {
      throw error instanceof DivergedError ? await withLastGood(run, error) : error
    }),
  )
}

/**
 * Gives the error the last good weights (with patience, those of the best epoch), and saves them beside the model where one
 * was to be written: `model.safetensors` stays as it was, and `model.last-good.safetensors` is what the run had.
 */
async function withLastGood(run: Run, error: DivergedError): Promise<DivergedError> {
  const { stopping, lastGood, options, learner } = run
  const kept = stopping?.best ?? lastGood.kept
  if (kept === undefined) {
    const none = 'no weights were kept: the loss was never better than that of the first steps'
    return new DivergedError(error.message, `${error.hint}; ${none}`, error.place)
  }
  // Categories that have come since then have learned nothing.
  const weights = new Float32Array(learner.parameters.length)
  weights.set(kept.weights)
  const model = trainedModel(run, kept.epoch, weights)
  const where = await saveLastGood(options.out, model)
  const hint = `${error.hint}; the last good weights, of step ${kept.epoch.steps}, are ${where}`
  return new DivergedError(error.message, hint, error.place, asModel(model))
}

async function saveLastGood(out: string | undefined, model: TrainedModel): Promise<string> {
  if (out === undefined) return 'the model of this error'
  const path = lastGoodPath(out)
  try {
    await saveModel(path, model)
    return `in ${shownPath(path)}`
  } catch (error) {
    return `lost: ${(error as Error).message}`
  }
}

/** `model.safetensors` → `model.last-good.safetensors` */
export function lastGoodPath(out: string): string {
  const { dir, name, ext } = parse(out)
  return join(dir, `${name}.last-good${ext}`)
}
