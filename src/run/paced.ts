import type { Observable } from 'rxjs'
import type { TrainEvent } from '../events.js'

/** Of these only the newest waits: each says what the ones before it said. */
const NEWEST_ONLY: ReadonlySet<TrainEvent['type']> = new Set(['step', 'progress', 'bottleneck', 'weights'])
/** Events that wait at most; of more, the oldest are left out, but never the first and the last of a run. */
const MOST_WAITING = 1000

/**
 * The events of a run at the pace of whoever reads them: `for await (const event of paced(train(options)))`.
 *
 * The run does not wait for the reader, and what waits for it is bounded: of steps and other frequent events the newest, of the
 * others the last thousand. Leaving the loop stops the run; its error is thrown into the loop. A step's `parameters` are those of
 * the moment, which may be of a later step.
 */
export function paced(events: Observable<TrainEvent>): AsyncIterable<TrainEvent> {
  return {
    async *[Symbol.asyncIterator]() {
      const waiting = new WaitingEvents()
      let wake: () => void = () => undefined
      let end: { error: unknown } | 'complete' | undefined
      const ended = (how: typeof end): void => {
        end = how
        wake()
      }
      const subscription = events.subscribe({
        next(event) {
          waiting.add(event)
          wake()
        },
        error: (error: unknown) => ended({ error }),
        complete: () => ended('complete'),
      })
      try {
        for (;;) {
          const event = waiting.next()
          if (event !== undefined) yield event
          else if (end === undefined) await new Promise<void>((resolve) => (wake = resolve))
          else if (end === 'complete') return
          else throw end.error
        }
      } finally {
        subscription.unsubscribe()
      }
    },
  }
}

/** In the order in which they came. */
class WaitingEvents {
  #events: TrainEvent[] = []

  add(event: TrainEvent): void {
    const events = this.#events
    if (NEWEST_ONLY.has(event.type)) {
      const older = events.findLastIndex(({ type }) => type === event.type)
      if (older >= 0) events.splice(older, 1)
    }
    events.push(event)
    if (events.length > MOST_WAITING) events.splice(events[0]!.type === 'start' ? 1 : 0, 1)
  }

  next(): TrainEvent | undefined {
    return this.#events.shift()
  }
}
