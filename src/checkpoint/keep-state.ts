/** What is left of a run that is interrupted or fails: a checkpoint of its last step. */
import { Observable, type MonoTypeOperatorFunction } from 'rxjs'
import { DivergedError } from '../run/diverged.js'
import { MillraceError } from '../errors.js'
import type { TrainEvent } from '../events.js'
import type { Run } from '../run/run.js'
import { canGoOnInPass } from './flow-state.js'

/** Milliseconds that an interrupted run waits for the end of a step; rows may be long in coming. */
const PATIENCE = 2000

/**
 * Passes events on. When `signal` is aborted, the events end between two steps, a checkpoint is written, and the stream fails
 * with the signal's reason; where the run fails of something that may pass (a disk, a worker), one is written too.
 *
 * A run that diverges, whose input changes, or that has learned nothing since its last checkpoint was read, leaves the earlier
 * ones alone.
 */
export function keepingState(
  run: Run,
  signal: AbortSignal | undefined,
): MonoTypeOperatorFunction<TrainEvent> {
  if (run.checkpoints === undefined) return (events) => events
  return (events) =>
    new Observable((subscriber) => {
      const fail = (error: unknown): void => {
        for (const news of run.checkpoints!.take()) subscriber.next(news)
        subscriber.error(error)
      }
      let stopsAfterStep = false
      const source = events.subscribe({
        next(event) {
          subscriber.next(event)
          // Between the event of a step and the next mini-batch is where a pass can be gone on with in its middle.
          if (stopsAfterStep && (event.type === 'step' || event.type === 'epoch')) stop(event.type === 'step')
        },
        error(error: unknown) {
          const written = mayPass(error) ? writeState(run, false) : Promise.resolve()
          written.then(
            () => fail(error),
            () => fail(error),
          )
        },
        complete: () => subscriber.complete(),
      })
      subscriber.add(source)
      const stop = (stepJustDone: boolean): void => {
        stopsAfterStep = false
        source.unsubscribe()
        writeState(run, stepJustDone).then(() => fail(signal!.reason), fail)
      }
      const abort = (): void => {
        if (run.rest.isResting) {
          stop(true)
          return
        }
        stopsAfterStep = true
        const now = (): void => {
          if (stopsAfterStep) stop(false)
        }
        const patience = canGoOnInPass(run) && hasLearned(run) ? PATIENCE : 0
        const timer = setTimeout(() => void run.position.betweenSteps().then(now, now), patience)
        subscriber.add(() => clearTimeout(timer))
      }
      if (signal?.aborted === true) abort()
      else signal?.addEventListener('abort', abort, { once: true })
      subscriber.add(() => signal?.removeEventListener('abort', abort))
    })
}

/** Whether there is something to keep that the checkpoint it went on from has not. */
function hasLearned({ resumption, learner }: Run): boolean {
  return resumption?.isReached !== false && learner.step > 0
}

async function writeState(run: Run, stepJustDone: boolean): Promise<void> {
  if (hasLearned(run) && run.position.isBetweenSteps) await run.checkpoints!.write(run, stepJustDone)
}

/** After these a state would be none to go on from: rows of another input, or one that cannot be written. */
const NOT_KEPT = new Set(['INPUT_CHANGED', 'CHECKPOINT_NOT_WRITTEN'])

/** Whether the same command may do better later. */
function mayPass(error: unknown): boolean {
  const isRunError = error instanceof MillraceError && error.kind === 'run'
  return isRunError && !(error instanceof DivergedError) && !NOT_KEPT.has(error.code)
}
