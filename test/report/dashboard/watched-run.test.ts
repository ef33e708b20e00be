import { describe, expect, it } from 'vitest'
import { eventRecord } from '../../../src/report/event-record.js'
import { draw, emptyPicture, timeLine, type NewsMessage } from '../../../src/report/dashboard/picture.js'
import { WatchedRun } from '../../../src/report/dashboard/watched-run.js'
import {
  badRowEvent,
  bottleneckEvent,
  everyEvent,
  startEvent,
  stepEvent,
  validationEvent,
} from '../events.js'

const record = (event: (typeof everyEvent)[number]) => eventRecord(event, 'm.safetensors')
const at = { step: 1, rows: 10, seconds: 1 }

describe('WatchedRun', () => {
  it('sends news from which a page draws the same picture as one that is sent the past', () => {
    const run = new WatchedRun('m')
    const page = emptyPicture()
    for (const event of everyEvent) {
      run.show(record(event))
      const news = run.take(0) as NewsMessage | undefined
      for (const { record: one, at: moment } of JSON.parse(
        JSON.stringify(news?.records ?? []),
      ) as NewsMessage['records'])
        draw(page, one, moment)
    }
    expect(JSON.parse(JSON.stringify(page))).toEqual(JSON.parse(JSON.stringify(run.past().picture)))
    expect(page.status).toBe('done')
    expect(page.badRows).toHaveLength(1)
    expect(page.workers.map(({ state }) => state)).toEqual(['failed', 'replaced'])
  })

  it('counts rows and bytes over all epochs', () => {
    const run = new WatchedRun('m')
    run.show(record(startEvent()))
    run.step(stepEvent({ step: 1, epoch: 1, rows: 100, bytes: 1000, seconds: 1 }))
    run.step(stepEvent({ step: 2, epoch: 1, rows: 200, bytes: 2000, seconds: 2 }))
    run.step(stepEvent({ step: 3, epoch: 2, rows: 100, bytes: 1000, seconds: 3 }))
    run.show(record(validationEvent))
    const { steps, rates, picture } = run.past()
    expect(steps.rows).toEqual([100, 200, 300])
    expect(rates).toMatchObject({
      seconds: [0, 1, 2, 3],
      rows: [0, 100, 200, 300],
      bytes: [0, 1000, 2000, 3000],
    })
    expect(picture.validations[0]!.at).toEqual({ step: 3, rows: 300, seconds: 3 })
  })

  it('goes on with the curves of a file that a resumed run has been added to', () => {
    const run = new WatchedRun('m')
    run.show(record(startEvent()))
    for (const step of [1, 2, 3]) run.step(stepEvent({ step, rows: step * 10, seconds: step }))
    run.show(record({ ...startEvent(), resumed: { path: 'c', step: 2, epoch: 1 } }))
    run.step(stepEvent({ step: 3, rows: 30, seconds: 0.5 }))
    const { steps } = run.past()
    expect(steps.step).toEqual([1, 2, 3])
    // Time goes on where it was; what rises along an axis never falls.
    expect(steps.seconds).toEqual([1, 2, 3.5])
  })

  it('has nothing to tell where nothing has come', () => {
    const run = new WatchedRun('m')
    expect(run.take(0)).toBeUndefined()
    run.step(stepEvent())
    expect(run.take(0)).toMatchObject({ type: 'news', last: { step: 1 } })
    expect(run.take(0)).toBeUndefined()
  })

  it('holds the newest progress only, and sends everything anew where too much has come', () => {
    const run = new WatchedRun('m')
    run.show(record(startEvent()))
    run.take(0)
    for (let i = 0; i < 100_000; i++) run.show({ ...badRowEvent, skipped: i })
    expect(run.take(0)).toBe('everything')
    expect(run.past().picture.badRows).toHaveLength(200)
    expect(run.past().picture.badRows.at(-1)!.skipped).toBe(99_999)
  })

  it('is bounded over a long run, whatever comes', () => {
    const run = new WatchedRun('m')
    const events = everyEvent.filter(({ type }) => type !== 'start' && type !== 'done')
    for (let i = 1; i <= 3000; i++) {
      for (const event of events) run.show(record(event))
      run.step(stepEvent({ step: i, seconds: i }))
      run.take(0)
    }
    const text = JSON.stringify(run.past())
    for (let i = 3001; i <= 9000; i++) {
      for (const event of events) run.show(record(event))
      run.step(stepEvent({ step: i, seconds: i }))
      run.take(0)
    }
    expect(JSON.stringify(run.past()).length).toBeLessThan(text.length * 1.5)
  })
})

describe('the windows of time', () => {
  it('do not have the last in them, which is of the whole run', () => {
    const picture = emptyPicture()
    draw(picture, { ...bottleneckEvent, seconds: 1 }, at)
    draw(picture, { ...bottleneckEvent, seconds: 1.5 }, at)
    expect(timeLine(picture).map(({ seconds }) => seconds)).toEqual([1, 1.5])
    draw(picture, { ...bottleneckEvent, seconds: 2.5 }, at)
    draw(picture, record(everyEvent.at(-1)!), at)
    expect(timeLine(picture).map(({ seconds }) => seconds)).toEqual([1, 1.5])
    expect(picture.bottleneck!.seconds).toBe(2.5)
  })

  it('are joined by their time when there are many', () => {
    const picture = emptyPicture()
    const shares = { ...bottleneckEvent.shares, parse: 0 }
    for (let i = 0; i < 2000; i++) {
      // Every second window is three times as long, and parses all the time: 3/4 of the time of both.
      const isLong = i % 2 === 1
      draw(
        picture,
        { ...bottleneckEvent, seconds: isLong ? 3 : 1, shares: { ...shares, parse: isLong ? 1 : 0 } },
        at,
      )
    }
    const windows = timeLine(picture)
    expect(windows.length).toBeLessThanOrEqual(501)
    expect(windows[0]!.shares.parse).toBeCloseTo(0.75, 12)
    // 2,000 windows of 2 seconds in the mean.
    expect(windows.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(4000)
  })
})
