import { Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/events.js'
import { paced } from '../../src/run/paced.js'
import { doneEvent, epochEvent, progressEvent, startEvent, stepEvent } from '../report/events.js'

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const names = (events: readonly TrainEvent[]): string[] =>
  events.map((event) => (event.type === 'step' ? `step ${event.step}` : event.type))

async function all(events: Observable<TrainEvent>): Promise<TrainEvent[]> {
  const seen: TrainEvent[] = []
  for await (const event of paced(events)) seen.push(event)
  return seen
}

describe('events at the pace of their reader', () => {
  it('are all of them where it keeps up', async () => {
    const events = new Subject<TrainEvent>()
    const reading = all(events)
    const told = [startEvent(), stepEvent({ step: 1 }), stepEvent({ step: 2 }), epochEvent, doneEvent]
    for (const event of told) {
      await turns()
      events.next(event)
    }
    events.complete()
    expect(await reading).toEqual(told)
  })

  it('are the newest step and all rare ones where it does not, in their order', async () => {
    const told = [
      startEvent(),
      stepEvent({ step: 1 }),
      progressEvent(),
      stepEvent({ step: 2 }),
      epochEvent,
      stepEvent({ step: 3 }),
      progressEvent(),
      doneEvent,
    ]
    expect(names(await all(of(...told)))).toEqual(['start', 'epoch', 'step 3', 'progress', 'done'])
  })

  it('are bounded', async () => {
    const epochs = Array.from({ length: 5000 }, (_, i) => ({ ...epochEvent, epoch: i + 1 }))
    const seen = await all(of(startEvent(), ...epochs, doneEvent))
    expect(seen).toHaveLength(1000)
    expect([seen[0]!.type, seen.at(-1)!.type]).toEqual(['start', 'done'])
    expect(seen[1]).toMatchObject({ epoch: 5000 - 998 + 1 })
  })

  it('end with the error of the run, after what came before it', async () => {
    const seen: TrainEvent[] = []
    const events = new Observable<TrainEvent>((subscriber) => {
      subscriber.next(startEvent())
      return throwError(() => new Error('the disk')).subscribe(subscriber)
    })
    await expect(async () => {
      for await (const event of paced(events)) seen.push(event)
    }).rejects.toThrow('the disk')
    expect(names(seen)).toEqual(['start'])
  })

  it('stop the run when the loop is left', async () => {
    let stopped = 0
    const events = new Observable<TrainEvent>((subscriber) => {
      subscriber.next(startEvent())
      return () => stopped++
    })
    for await (const event of paced(events)) {
      expect(event.type).toBe('start')
      break
    }
    expect(stopped).toBe(1)
  })
})
