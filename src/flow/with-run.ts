import { defer, Observable } from 'rxjs'

/** Something that holds threads and files. */
interface Closable {
  close(): Promise<void>
}

/**
 * Opens a run for each subscriber and closes it when its events end, fail, or are no longer wanted, also while it is
 * still being opened: `open` is told by `stopped`. An abort of `signal` fails the stream with the signal's reason; where a run
 * that is open `stopsItself`, it is left to it.
 */
export function withRun<Run extends Closable, Event>(
  open: (stopped: AbortSignal) => Promise<Run>,
  events: (run: Run) => Observable<Event>,
  signal: AbortSignal | undefined,
  stopsItself: (run: Run) => boolean = () => false,
): Observable<Event> {
  return new Observable((subscriber) => {
    let opened: Run | undefined
    const abort = (): void => {
      if (opened === undefined || !stopsItself(opened)) subscriber.error(signal?.reason)
    }
    if (signal?.aborted === true) {
      abort()
      return
    }
    signal?.addEventListener('abort', abort, { once: true })
    subscriber.add(() => signal?.removeEventListener('abort', abort))
    const stop = new AbortController()
    subscriber.add(() => stop.abort())
    open(stop.signal).then(
      (run) => {
        opened = run
        const close = (): void => {
          run.close().catch(reportUnhandled)
        }
        if (subscriber.closed) close()
        else {
          subscriber.add(close)
          // What `events` itself throws fails the stream too.
          subscriber.add(defer(() => events(run)).subscribe(subscriber))
        }
      },
      (error: unknown) => subscriber.error(error),
    )
  })
}

/** Nobody listens any more: an error on closing is the process's business. */
function reportUnhandled(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
