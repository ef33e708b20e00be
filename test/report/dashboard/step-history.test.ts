import { describe, expect, it } from 'vitest'
import { StepHistory, type StepColumns } from '../../../src/report/dashboard/step-history.js'
import { stepEvent } from '../events.js'

/** Adds steps from … to; the loss of a step is its number, but for a spike. */
function add(history: StepHistory, from: number, to: number, spike = -1): void {
  for (let step = from; step <= to; step++) {
    const loss = step === spike ? 1e6 : step
    history.add(
      stepEvent({ step, loss, progressiveLoss: step / 2, gradientNorm: loss }),
      step * 10,
      step / 100,
    )
  }
}

describe('StepHistory', () => {
  it('keeps each step while there is room', () => {
    const history = new StepHistory()
    add(history, 1, 2000)
    const { step, loss, low, high, rows } = history.all()
    expect(step).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1))
    expect(loss).toEqual(step)
    expect(low).toEqual(step)
    expect(high).toEqual(step)
    expect(rows.at(-1)).toBe(20000)
  })

  it('joins neighbours when it is full: means, extremes, the last of what is counted', () => {
    const history = new StepHistory()
    add(history, 1, 2001)
    const { step, loss, low, high, progressive } = history.all()
    // By hand: 1,000 pairs, and the first step of a new one.
    expect(step).toHaveLength(1001)
    expect([step[0], loss[0], low[0], high[0], progressive[0]]).toEqual([2, 1.5, 1, 2, 1])
    expect([step[999], loss[999], low[999], high[999]]).toEqual([2000, 1999.5, 1999, 2000])
    expect([step[1000], loss[1000], low[1000], high[1000]]).toEqual([2001, 2001, 2001, 2001])
  })

  it('stays bounded over a long run, with buckets of one size, and keeps a spike', () => {
    const history = new StepHistory()
    add(history, 1, 100_000, 33_333)
    const { step, high, loss } = history.all()
    expect(step.length).toBeGreaterThan(1000)
    expect(step.length).toBeLessThanOrEqual(2000)
    // 100,000 steps in buckets of 64, the smallest power of two with which they are at most 2,000.
    expect(step.slice(0, 3)).toEqual([64, 128, 192])
    expect(step.at(-1)).toBe(100_000)
    const at = step.findIndex((last) => last >= 33_333)
    expect(high[at]).toBe(1e6)
    expect(loss[at]).toBeGreaterThan(1e4)
    expect(Math.max(...high)).toBe(1e6)
  })

  it('tells what has changed so that whoever replaces from there has all', () => {
    const history = new StepHistory()
    const copy: number[] = []
    const take = (): StepColumns | undefined => {
      const changed = history.take()
      if (changed !== undefined) copy.splice(changed.from, Infinity, ...changed.loss)
      return changed
    }
    expect(take()).toBeUndefined()
    for (let step = 1; step <= 9000; step += 45) {
      add(history, step, step + 44)
      take()
      expect(copy).toEqual(history.all().loss)
    }
    expect(take()).toBeUndefined()
    add(history, 9001, 9001)
    expect(take()!.step).toEqual([9001])
  })

  it('forgets what a run that goes on takes again', () => {
    const history = new StepHistory()
    add(history, 1, 10)
    history.take()
    history.cutAfter(7)
    add(history, 8, 8)
    expect(history.take()).toMatchObject({ from: 7, step: [8] })
    expect(history.all().step).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})
