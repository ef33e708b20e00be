import { Observable, type MonoTypeOperatorFunction } from 'rxjs'
import type { TrainEvent, WarningEvent } from '../events.js'

/** Passes events on, and puts before each the warnings that have come up; those that are left come last. */
export function withWarnings(take: () => readonly WarningEvent[]): MonoTypeOperatorFunction<TrainEvent> {
  return (events) =>
    new Observable((subscriber) => {
      const warn = (): void => {
        for (const warning of take()) subscriber.next(warning)
      }
      return events.subscribe({
        next(event) {
          warn()
          subscriber.next(event)
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          warn()
          subscriber.complete()
        },
      })
    })
}
