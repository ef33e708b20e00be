/** What stands between a run and those who watch it. */
import { lastValueFrom, NEVER, Observable, of, Subject, throwError, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/events.js'
import type { EventSink } from '../../src/report/sink.js'
import { watched } from '../../src/report/watched.js'
import { doneEvent, startEvent, stepEvent } from './events.js'

interface Recorded extends EventSink {
  readonly seen: string[]
}

/** Writes down what it is told; `broken` throws. */
function recorder(broken: (event: TrainEvent) => boolean = () => false): Recorded {
  const seen: string[] = []
  return {
    seen,
    event(event) {
      if (broken(event)) throw new Error(`no room for ${event.type}`)
      seen.push(event.type === 'warning' ? `warning: ${event.message}` : event.type)
    },
    async close(error) {
      await Promise.resolve()
      seen.push(error === undefined ? 'closed' : `closed: ${(error as Error).message}`)
    },
  }
}

const opening =
  (...sinks: EventSink[]) =>
  async () =>
    sinks.map((sink, i) => ({ name: `sink${i}`, sink }))

const run = of<TrainEvent[]>(startEvent(), stepEvent(), doneEvent)
const types = (events: readonly TrainEvent[]): string[] => events.map(({ type }) => type)

describe('the events of a run', () => {
  it('are shown to all sinks and passed on', async () => {
    const sinks = [recorder(), recorder()]
    const events = await lastValueFrom(run.pipe(watched(opening(...sinks)), toArray()))
    expect(types(events)).toEqual(['start', 'step', 'done'])
    for (const { seen } of sinks) expect(seen).toEqual(['start', 'step', 'done', 'closed'])
  })

  it('are done when what sinks write is complete', async () => {
    const order: string[] = []
    const slow: EventSink = {
      event: ({ type }) => void order.push(`sink ${type}`),
      async close() {
        await new Promise((resolve) => setTimeout(resolve, 20))
        order.push('sink closed')
      },
    }
    await new Promise<void>((complete) => {
      run.pipe(watched(opening(slow))).subscribe({ next: ({ type }) => order.push(type), complete })
    })
    expect(order).toEqual(['sink start', 'start', 'sink step', 'step', 'sink done', 'sink closed', 'done'])
  })

  it('do not begin before the sinks are open, and not at all where one cannot be', async () => {
    let begun = false
    const events = new Observable<TrainEvent>(() => {
      begun = true
    })
    const refused = watched(async () => {
      throw new Error('no such folder')
    })
    await expect(lastValueFrom(events.pipe(refused))).rejects.toThrow('no such folder')
    expect(begun).toBe(false)
  })

  it('go on without a sink that throws; all others are told of it', async () => {
    const sinks = [recorder(), recorder(({ type }) => type === 'step'), recorder()]
    const events = await lastValueFrom(run.pipe(watched(opening(...sinks)), toArray()))
    expect(types(events)).toEqual(['start', 'warning', 'step', 'done'])
    const warning = 'warning: --sink1 failed and is left out from here on: no room for step'
    expect(sinks[0]!.seen).toEqual(['start', 'step', warning, 'done', 'closed'])
    expect(sinks[1]!.seen).toEqual(['start', 'closed: no room for step'])
    expect(sinks[2]!.seen).toEqual(['start', warning, 'step', 'done', 'closed'])
  })

  it('say of a sink that could not end what it wrote that it is not complete', async () => {
    const broken: EventSink = {
      event: () => undefined,
      async close() {
        throw new Error('no space left')
      },
    }
    const events = await lastValueFrom(run.pipe(watched(opening(broken)), toArray()))
    expect(events.slice(-2)).toMatchObject([
      { type: 'warning', message: '--sink0 is not complete: no space left' },
      { type: 'done' },
    ])
  })

  it('end for sinks with the error of the run', async () => {
    const sink = recorder()
    const failing = throwError(() => new Error('the disk'))
    await expect(lastValueFrom(failing.pipe(watched(opening(sink))))).rejects.toThrow('the disk')
    expect(sink.seen).toEqual(['closed: the disk'])
  })

  it('end for sinks, once, where nobody wants them any more', async () => {
    const sink = recorder()
    const subscription = NEVER.pipe(watched(opening(sink))).subscribe()
    await new Promise((resolve) => setImmediate(resolve))
    subscription.unsubscribe()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sink.seen).toEqual(['closed'])
  })

  it('carry the address of a sink in the first', async () => {
    const sink = { ...recorder(), address: 'http://127.0.0.1:1/' }
    const [start] = await lastValueFrom(run.pipe(watched(opening(sink)), toArray()))
    expect(start).toMatchObject({ type: 'start', dashboard: 'http://127.0.0.1:1/' })
  })

  it('take warnings of sinks that come up between them', async () => {
    const events = new Subject<TrainEvent>()
    let warn: (message: string) => void = () => undefined
    const seen: string[] = []
    events
      .pipe(
        watched(async (say) => {
          warn = say
          return []
        }),
      )
      .subscribe(({ type }) => seen.push(type))
    await new Promise((resolve) => setImmediate(resolve))
    events.next(startEvent())
    warn('the disk is slow')
    expect(seen).toEqual(['start', 'warning'])
  })
})
