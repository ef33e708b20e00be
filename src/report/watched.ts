import { Observable, type MonoTypeOperatorFunction } from 'rxjs'
import type { TrainEvent } from '../events.js'
import type { NamedSink } from './sinks.js'

/**
 * Shows all events to the sinks, and then passes them on. Sinks are opened before the run, and closed before `done` is passed
 * on: what they write is complete then.
 *
 * A sink that throws is told no more; a warning says so to all others.
 */
export function watched(
  open: (warn: (message: string) => void) => Promise<readonly NamedSink[]>,
): MonoTypeOperatorFunction<TrainEvent> {
  return (events) =>
    new Observable((subscriber) => {
      let sinks: readonly NamedSink[] = []
      let closed: Promise<void> | undefined

      const next = (event: TrainEvent): void => {
        for (const named of sinks) {
          try {
            named.sink.event(event)
          } catch (error) {
            leaveOut(named, error)
          }
        }
        subscriber.next(event)
      }
      const warn = (message: string): void => next({ type: 'warning', message })
      const leaveOut = (failed: NamedSink, error: unknown): void => {
        sinks = sinks.filter((named) => named !== failed)
        warn(`--${failed.name} failed and is left out from here on: ${textOf(error)}`)
        void closing(failed, error)
      }
      const closing = async (named: NamedSink, error: unknown): Promise<void> => {
        try {
          await named.sink.close(error)
        } catch (failure) {
          // Of one that has failed before this is no news, and the others are being closed.
          const message = `--${named.name} is not complete: ${textOf(failure)}`
          if (sinks.includes(named)) subscriber.next({ type: 'warning', message })
        }
      }
      const close = (error?: unknown): Promise<void> => {
        closed ??= Promise.all(sinks.map(async (named) => closing(named, error))).then(() => undefined)
        return closed
      }
      const start = (): void => {
        const address = sinks.find(({ sink }) => sink.address !== undefined)?.sink.address
        subscriber.add(
          events.subscribe({
            next(event) {
              if (event.type === 'start') next({ ...event, dashboard: address })
              else if (event.type === 'done') finish(event)
              else next(event)
            },
            error: (error: unknown) => void close(error).then(() => subscriber.error(error)),
            complete: () => void close().then(() => subscriber.complete()),
          }),
        )
      }
      const finish = (done: TrainEvent): void => {
        for (const named of sinks) {
          try {
            named.sink.event(done)
          } catch (error) {
            leaveOut(named, error)
          }
        }
        void close().then(() => {
          sinks = []
          subscriber.next(done)
        })
      }
      subscriber.add(() => void close())
      open(warn).then(
        (opened) => {
          sinks = opened
          if (subscriber.closed) void close()
          else start()
        },
        (error: unknown) => subscriber.error(error),
      )
    })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
