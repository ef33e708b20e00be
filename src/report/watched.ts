import { Observable, type MonoTypeOperatorFunction, type Subscriber } from 'rxjs'
import type { DoneEvent, TrainEvent } from '../events.js'
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
      const audience = new Audience(subscriber)
      subscriber.add(() => void audience.close())
      open((message) => audience.warn(message)).then(
        (sinks) => {
          audience.sinks = sinks
          if (subscriber.closed) {
            void audience.close()
            return
          }
          subscriber.add(
            events.subscribe({
              next: (event) => (event.type === 'done' ? void audience.end(event) : audience.next(event)),
              error: (error: unknown) => void audience.close(error).then(() => subscriber.error(error)),
              complete: () => void audience.close().then(() => subscriber.complete()),
            }),
          )
        },
        (error: unknown) => subscriber.error(error),
      )
    })
}

/** The sinks and the subscriber of a run. */
class Audience {
  sinks: readonly NamedSink[] = []
  #closed: Promise<void> | undefined

  constructor(private readonly subscriber: Subscriber<TrainEvent>) {}

  next(event: TrainEvent): void {
    const told = event.type === 'start' ? { ...event, dashboard: this.#address } : event
    this.#show(told)
    this.subscriber.next(told)
  }

  warn(message: string): void {
    this.next({ type: 'warning', message })
  }

  async end(done: DoneEvent): Promise<void> {
    this.#show(done)
    await this.close()
    this.subscriber.next(done)
  }

  /** Once, whoever asks first; resolves when all sinks are closed. */
  close(error?: unknown): Promise<void> {
    this.#closed ??= Promise.all(this.sinks.map((named) => this.#close(named, error))).then(() => {
      this.sinks = []
    })
    return this.#closed
  }

  get #address(): string | undefined {
    return this.sinks.find(({ sink }) => sink.address !== undefined)?.sink.address
  }

  #show(event: TrainEvent): void {
    // No iterator: this is called for every step. What is left out meanwhile leaves this list as it is.
    const { sinks } = this
    for (let i = 0; i < sinks.length; i++) {
      const named = sinks[i]!
      try {
        named.sink.event(event)
      } catch (error) {
        this.#leaveOut(named, error)
      }
    }
  }

  #leaveOut(failed: NamedSink, error: unknown): void {
    this.sinks = this.sinks.filter((named) => named !== failed)
    this.warn(`--${failed.name} failed and is left out from here on: ${textOf(error)}`)
    void this.#close(failed, error)
  }

  async #close(named: NamedSink, error: unknown): Promise<void> {
    try {
      await named.sink.close(error)
    } catch (failure) {
      // Of one that has failed before this is no news; the other sinks are being closed.
      const message = `--${named.name} is not complete: ${textOf(failure)}`
      if (this.sinks.includes(named)) this.subscriber.next({ type: 'warning', message })
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
