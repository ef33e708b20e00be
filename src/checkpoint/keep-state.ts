/** What is left of a run that is interrupted or fails: a checkpoint of its last step. */
import { Observable, type MonoTypeOperatorFunction } from 'rxjs'
import { DivergedError } from '../diverged.js'
import { MillraceError } from '../errors.js'
import type { TrainEvent } from '../events.js'
import type { Run } from '../run.js'

/**
 * Passes events on. When `signal` is aborted, the events end between two steps, a checkpoint is written, and the stream fails
 * with the signal's reason; where the run fails of something that may pass (a disk, a worker), one is written too.
 *
 * A run that diverges, or that has learned nothing since its last checkpoint was read, leaves the earlier ones alone.
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
      const source = events.subscribe({
        next: (event) => subscriber.next(event),
        error(error: unknown) {
          if (mayPass(error))
            writeState(run).then(
              () => fail(error),
              () => fail(error),
            )
          else fail(error)
        },
        complete: () => subscriber.complete(),
      })
      subscriber.add(source)
      const stop = async (): Promise<void> => {
        // Most often at once: what is emitted now is the last event.
        if (!run.position.isBetweenSteps) await run.position.betweenSteps()
        source.unsubscribe()
        await writeState(run)
        throw signal!.reason
      }
      const abort = (): void => void stop().catch(fail)
      if (signal?.aborted === true) abort()
      else signal?.addEventListener('abort', abort, { once: true })
      subscriber.add(() => signal?.removeEventListener('abort', abort))
    })
}

async function writeState(run: Run): Promise<void> {
  const learned = run.resumption?.isReached !== false && run.learner.step > 0
  if (!learned || !run.position.isBetweenSteps) return
  await run.checkpoints!.write(run)
}

/** Whether the same command may do better later. */
function mayPass(error: unknown): boolean {
  const isRunError = error instanceof MillraceError && error.kind === 'run'
  return isRunError && !(error instanceof DivergedError) && error.code !== 'CHECKPOINT_NOT_WRITTEN'
}
