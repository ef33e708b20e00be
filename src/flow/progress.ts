import { Observable, type OperatorFunction } from 'rxjs'
import type { ProgressEvent, StepEvent } from '../events.js'
import type { EpochRows } from './epoch-rows.js'

/** Milliseconds between two progress events. */
const INTERVAL = 100

/** Passes steps on, and puts a progress event between them ten times a second. */
export function progress(
  ofBytes: number | undefined,
  rows: EpochRows,
): OperatorFunction<StepEvent, StepEvent | ProgressEvent> {
  return (steps) =>
    new Observable((subscriber) => {
      const started = performance.now()
      let last = started
      let loss = 0
      let lossRows = 0
      return steps.subscribe({
        next(step) {
          subscriber.next(step)
          loss += step.loss * step.batchRows
          lossRows += step.batchRows
          const now = performance.now()
          if (now - last < INTERVAL) return
          subscriber.next({
            type: 'progress',
            epoch: step.epoch,
            rows: step.rows,
            bytes: rows.bytes,
            ofBytes,
            loss: loss / lossRows,
            seconds: (now - started) / 1000,
          })
          last = now
          loss = 0
          lossRows = 0
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
}
