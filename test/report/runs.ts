/** Whole runs, for the tests of what watches them. */
import { createReadStream } from 'node:fs'
import type { TrainEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'

export interface Outcome {
  /** Their parameters are views that later steps change. */
  readonly events: readonly TrainEvent[]
  readonly error: unknown
}

/** Runs to its end, or until `abortAfter` steps have been seen; `stdin`: a file that is read as a stream. */
export function run(options: Partial<TrainOptions>, abortAfter = Infinity, stdin?: string): Promise<Outcome> {
  const controller = new AbortController()
  const events: TrainEvent[] = []
  let steps = 0
  const source = stdin === undefined ? {} : { input: createReadStream(stdin) }
  return new Promise((resolve) => {
    train({ ...options, ...source, signal: controller.signal } as TrainOptions).subscribe({
      next(event) {
        events.push(event)
        if (event.type === 'step' && ++steps === abortAfter) controller.abort()
      },
      error: (error: unknown) => resolve({ events, error }),
      complete: () => resolve({ events, error: undefined }),
    })
  })
}

export function ofType<Type extends TrainEvent['type']>(
  { events }: Outcome,
  type: Type,
): Extract<TrainEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<TrainEvent, { type: Type }> => event.type === type)
}
