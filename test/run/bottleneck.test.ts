/** What is said to limit a run. The times are made up; what follows from them is worked out by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Bottleneck,
  bottleneckEvent,
  NOTHING_SPENT,
  type RunFacts,
  type TimeSpent,
} from '../../src/run/bottleneck.js'

const facts: RunFacts = {
  isStream: false,
  cpus: 2,
  isCached: false,
  isNetwork: false,
  batchSize: 1024,
  parameters: 29,
}
const spent = (changes: Partial<TimeSpent>): TimeSpent => ({ ...NOTHING_SPENT, seconds: 10, ...changes })
const said = (changes: Partial<TimeSpent>, more: Partial<RunFacts> = {}) =>
  bottleneckEvent(1, spent(changes), { ...facts, ...more })

describe('what limits a run', () => {
  it('is parsing, where this thread waits for workers that parse', () => {
    const event = said({ parse: 17, read: 1, wait: 8, gradient: 2, workers: [9, 9], bytes: 4e9 })
    expect(event.limit).toBe('parse')
    // Of 17 + 1 + 8 + 2 = 28 s of all threads.
    expect(event.shares).toEqual({
      read: 1 / 28,
      parse: 17 / 28,
      wait: 8 / 28,
      gradient: 2 / 28,
      average: 0,
      update: 0,
    })
    expect(event.workers).toEqual([0.9, 0.9])
    expect(event.advice).toContain('400 MB/s')
    expect(event.advice).toContain('--cache')
  })

  it('is parsing, for which more workers are advised where there are CPUs', () => {
    expect(said({ parse: 9, wait: 8, workers: [9] }).advice).toContain('--workers 2')
  })

  it('is reading, where workers read more than they parse', () => {
    expect(said({ parse: 4, read: 14, wait: 9, workers: [9, 9] })).toMatchObject({ limit: 'read' })
  })

  it('is the source, where everybody waits', () => {
    const event = said({ parse: 2, wait: 9, workers: [1, 1], bytes: 1e9 }, { isStream: true })
    expect(event).toMatchObject({ limit: 'source' })
    expect(event.advice).toContain('100 MB/s')
  })

  it.each([
    ['gradient', { gradient: 8, update: 1 }, {}, '--placement pool'],
    ['gradient', { gradient: 8, workers: [7, 7] }, { isNetwork: true }, '--hidden'],
    ['gradient', { gradient: 8, workers: [1] }, { isNetwork: true }, '--workers 2'],
    ['average', { average: 5, gradient: 3, steps: 50_000 }, {}, '5,000 times a second'],
    ['update', { update: 5, gradient: 3, steps: 50_000 }, {}, '--batch-size'],
    ['validation', { gradient: 3, validation: 6 }, {}, '60 % of the time'],
    ['step', { wait: 1, steps: 500 }, {}, '--hash-bits'],
    ['step', { update: 2, gradient: 3, wait: 1, steps: 50_000 }, {}, '5,000 times a second'],
  ] as const)('is the %s, where this thread is busy with it', (limit, changes, more, advised) => {
    const event = said({ workers: [1, 1], ...changes }, more)
    expect(event.limit).toBe(limit)
    expect(event.advice).toContain(advised)
  })

  it('is not advised against in a run that is over at once', () => {
    expect(said({ seconds: 0.9, gradient: 0.8 })).toMatchObject({ limit: 'gradient' })
    expect(said({ seconds: 0.9, gradient: 0.8 }).advice).toContain('too soon')
    expect(said({ seconds: 1.1, gradient: 0.8 }).advice).not.toContain('too soon')
  })

  it('is nothing where the run was paused', () => {
    expect(said({ paused: 8, workers: [0, 0] })).toMatchObject({ limit: 'control' })
  })

  it('adds up to one, whatever was measured', () => {
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(seconds, seconds, seconds, seconds, seconds, seconds, (...s) => {
        const [all, read, parse, gradient, average, update] = s
        const event = said({ seconds: all, read, parse, gradient, average, update, workers: [all / 2, all] })
        const sum = Object.values<number>({ ...event.shares }).reduce((a, b) => a + b)
        if (read + parse + gradient + average + update === 0) expect(sum).toBe(0)
        else expect(sum).toBeCloseTo(1, 9)
        for (const busy of event.workers) expect(busy >= 0 && busy <= 1).toBe(true)
        expect(event.advice).toMatch(/\.$/)
        expect(event.advice).not.toMatch(/NaN|undefined|Infinity/)
      }),
    )
  })
})

describe('a run', () => {
  it('is told each second what limited it since the last time, and at the end what limited it as a whole', () => {
    let now = spent({ seconds: 0.5 })
    const bottleneck = new Bottleneck(facts, () => now, 0)
    expect(bottleneck.take(1, 0.5)).toBeUndefined()
    now = spent({ seconds: 2, gradient: 2, workers: [0, 1] })
    expect(bottleneck.take(1, 2)).toMatchObject({ seconds: 2, limit: 'gradient', workers: [0, 0.5] })
    expect(bottleneck.take(1, 2.9)).toBeUndefined()
    now = spent({ seconds: 4, gradient: 2, update: 2, workers: [0, 1] })
    expect(bottleneck.take(2, 4)).toMatchObject({ epoch: 2, seconds: 2, limit: 'update', workers: [0, 0] })
    expect(bottleneck.whole(2)).toMatchObject({ seconds: 4, shares: { gradient: 0.5, update: 0.5 } })
  })
})
