/** Operators between blocks and events, with the cases that every operator passes. */
import { EMPTY, NEVER, of, Subject, throwError, type Observable } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import type { StepEvent, TrainEvent, WarningEvent } from '../../src/events.js'
import { stepEvent } from '../report/events.js'
import { BadRowAccount } from '../../src/flow/bad-row-account.js'
import { EpochRows } from '../../src/flow/epoch-rows.js'
import { progress } from '../../src/flow/progress.js'
import { withRun } from '../../src/flow/with-run.js'
import { withNews } from '../../src/flow/with-news.js'
import type { Schema } from '../../src/schema/schema.js'
import { commas } from '../dialect.js'

const schema: Schema = {
  dialect: commas,
  columns: [],
  interactions: [],
  target: { kind: 'number', name: 'y', mean: 0, scale: 1 },
}
const policy = { onBadRow: 'fail', maxBadRows: { rows: Infinity, share: 1 } } as const
const epochRows = () => new EpochRows(new BadRowAccount(new SharedMemory(compileKernel()), schema, policy))

const step = (number: number, loss = 1): StepEvent =>
  stepEvent({ step: number, loss, learningRate: 0.1, batchRows: 10, rows: 10 * number })

const observer = () => ({
  next: vi.fn<(event: unknown) => void>(),
  error: vi.fn<(error: unknown) => void>(),
  complete: vi.fn(),
})

describe('progress', () => {
  it('passes on none, one and many steps, an end and an error', () => {
    const seen = observer()
    EMPTY.pipe(progress(100, epochRows())).subscribe(seen)
    of(step(1)).pipe(progress(100, epochRows())).subscribe(seen)
    of(step(2), step(3)).pipe(progress(100, epochRows())).subscribe(seen)
    expect(seen.next.mock.calls.map(([event]) => (event as StepEvent).step)).toEqual([1, 2, 3])
    expect(seen.complete).toHaveBeenCalledTimes(3)
    const error = new Error('from the steps')
    throwError(() => error)
      .pipe(progress(100, epochRows()))
      .subscribe(seen)
    expect(seen.error.mock.calls).toEqual([[error]])
    NEVER.pipe(progress(100, epochRows())).subscribe(seen).unsubscribe()
    expect(seen.complete).toHaveBeenCalledTimes(3)
  })

  it('tells the mean loss since it told last, ten times a second', () => {
    const clock = vi.spyOn(performance, 'now')
    const steps = new Subject<StepEvent>()
    const seen = observer()
    clock.mockReturnValue(0)
    steps.pipe(progress(500, epochRows())).subscribe(seen)
    for (const [time, loss] of [
      [10, 1],
      [99, 2],
      [101, 6],
      [150, 5],
      [201, 7],
    ] as const) {
      clock.mockReturnValue(time)
      steps.next(step(time, loss))
    }
    clock.mockRestore()
    const told = seen.next.mock.calls
      .map(([event]) => event as { type: string })
      .filter(({ type }) => type === 'progress')
    // Steps of ten rows each: (1 + 2 + 6) / 3 and (5 + 7) / 2.
    expect(told).toEqual([
      { type: 'progress', epoch: 1, rows: 1010, bytes: 0, ofBytes: 500, loss: 3, seconds: 0.101 },
      { type: 'progress', epoch: 1, rows: 2010, bytes: 0, ofBytes: 500, loss: 6, seconds: 0.201 },
    ])
    expect(steps.observed).toBe(true)
  })

  it('lets go of its source at an early unsubscription', () => {
    const steps = new Subject<StepEvent>()
    steps.pipe(progress(undefined, epochRows())).subscribe().unsubscribe()
    expect(steps.observed).toBe(false)
  })
})

describe('warnings', () => {
  const warning = (message: string): WarningEvent => ({ type: 'warning', message })
  /** What comes of these events while these warnings come up before each, and last. */
  const pass = (events: Observable<TrainEvent>, ...warnings: WarningEvent[][]) => {
    const seen = observer()
    const subscription = events.pipe(withNews(() => warnings.shift() ?? [])).subscribe(seen)
    return { seen, subscription }
  }

  it('come before the event that finds them, or last', () => {
    const [one, two, three] = [warning('one'), warning('two'), warning('three')]
    const { seen } = pass(of(step(1), step(2)), [one, two], [], [three])
    expect(seen.next.mock.calls.map(([event]) => event)).toEqual([one, two, step(1), step(2), three])
    expect(seen.complete).toHaveBeenCalledTimes(1)
    expect(pass(EMPTY, [one]).seen.next.mock.calls).toEqual([[one]])
  })

  it('do not come where there is no event, an error or nobody who listens', () => {
    const error = new Error('from the events')
    const { seen } = pass(
      throwError(() => error),
      [warning('late')],
    )
    expect([seen.next.mock.calls, seen.error.mock.calls]).toEqual([[], [[error]]])
    const never = pass(NEVER, [warning('early')])
    never.subscription.unsubscribe()
    expect(never.seen.next).not.toHaveBeenCalled()
  })
})

describe('the rows of an epoch', () => {
  it('are weighed by their weights, and counted', () => {
    const rows = epochRows()
    expect(rows.loss).toBeNaN()
    rows.trained(10, 2, 10)
    rows.trained(5, 5, 20)
    // (2 · 10 + 5 · 20) / 30
    expect([rows.loss, rows.trainedRows]).toEqual([4, 15])
    // Rows that no block brought: the account does not add up, and says so.
    expect(() => rows.check()).toThrow('rows were lost: 0 read, 15 trained')
  })
})

describe('a run that is opened for each subscriber', () => {
  const run = () => ({ close: vi.fn(() => Promise.resolve()) })

  it('is closed when its events end, fail, or are no longer wanted', async () => {
    const closings: number[] = []
    for (const events of [EMPTY, of(1, 2), throwError(() => new Error('in the run')), NEVER]) {
      const opened = run()
      const seen = observer()
      const subscription = withRun(
        async () => opened,
        () => events,
        undefined,
      ).subscribe(seen)
      await new Promise((resolve) => setImmediate(resolve))
      subscription.unsubscribe()
      closings.push(opened.close.mock.calls.length)
    }
    expect(closings).toEqual([1, 1, 1, 1])
  })

  it('is not used, and closed, where it was given up while it opened', async () => {
    const opened = run()
    const events = vi.fn(() => of(1))
    let told = false
    const open = async (stopped: AbortSignal) => {
      stopped.addEventListener('abort', () => (told = true))
      return opened
    }
    withRun(open, events, undefined).subscribe().unsubscribe()
    await new Promise((resolve) => setImmediate(resolve))
    expect([told, events.mock.calls.length, opened.close.mock.calls.length]).toEqual([true, 0, 1])
  })

  it('fails where it cannot be opened, at once or later', async () => {
    const failures = [
      () => Promise.reject(new Error('later')),
      () => {
        throw new Error('at once')
      },
    ]
    for (const open of failures) {
      const seen = observer()
      withRun(open, () => of(1), undefined).subscribe(seen)
      await new Promise((resolve) => setImmediate(resolve))
      expect(seen.error).toHaveBeenCalledTimes(1)
      expect(seen.next).not.toHaveBeenCalled()
    }
  })

  it('listens to its signal no longer than it lives', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    withRun(
      async () => run(),
      () => of(1),
      signal,
    ).subscribe()
    await new Promise((resolve) => setImmediate(resolve))
    expect(removed.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
      added.mock.calls.map(([type, listener]) => [type, listener]),
    )
    expect(added).toHaveBeenCalledTimes(1)
  })
})
