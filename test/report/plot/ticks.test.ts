import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearTicks, logTicks, tickLabels } from '../../../src/report/plot/ticks.js'

const span = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .map(([low, size]) => ({ low, high: low + size }))

describe('linearTicks', () => {
  it.each([
    [0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 1, 5, [0, 0.5, 1]],
    [0, 1977, 10, [0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800]],
    [0.37, 0.58, 5, [0.4, 0.45, 0.5, 0.55]],
    [-3, 3, 4, [-2, 0, 2]],
    [5, 5, 4, [5]],
    [NaN, 1, 4, []],
  ])('of %d … %d, at most %i', (low, high, most, ticks) => {
    const found = linearTicks(low, high, most)
    expect(found).toHaveLength(ticks.length)
    found.forEach((tick, i) => expect(tick).toBeCloseTo(ticks[i]!, 9))
  })

  it('are evenly spaced by 1, 2 or 5 times a power of ten, within, and as many as there is room for', () => {
    fc.assert(
      fc.property(span, fc.integer({ min: 4, max: 20 }), ({ low, high }, most) => {
        const ticks = linearTicks(low, high, most)
        expect(ticks.length).toBeLessThanOrEqual(most)
        // A step that is at most 2.5 times as long as room asks for, less two for the ends.
        expect(ticks.length).toBeGreaterThanOrEqual(Math.max(1, Math.floor((most - 1) / 2.5) - 1))
        const tolerance = 1e-9 * (Math.abs(low) + Math.abs(high))
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - tolerance)
          expect(tick).toBeLessThanOrEqual(high + tolerance)
        }
        if (ticks.length < 2) return
        const step = ticks[1]! - ticks[0]!
        const leading = Number(step.toExponential(6).split('e')[0])
        // 9.9999999 is 1, rounded.
        expect([1, 2, 5, 10]).toContain(Math.round(leading * 1000) / 1000)
      }),
    )
  })
})

describe('logTicks', () => {
  it.each([
    [0.001, 100, 10, [0.001, 0.01, 0.1, 1, 10, 100]],
    [0.3, 8, 10, [0.5, 1, 2, 5]],
    [0.45, 0.7, 6, [0.45, 0.5, 0.55, 0.6, 0.65, 0.7]],
    [1e-12, 1, 4, [1e-12, 1e-8, 1e-4, 1]],
  ])('of %d … %d', (low, high, most, expected) => {
    const found = logTicks(low, high, most)
    expect(found).toHaveLength(expected.length)
    found.forEach((tick, i) => expect(tick / expected[i]!).toBeCloseTo(1, 9))
  })
})

describe('tickLabels', () => {
  it.each([
    [
      [0, 0.05, 0.1],
      ['0.00', '0.05', '0.10'],
    ],
    [
      [0, 500, 1000],
      ['0', '500', '1,000'],
    ],
    [
      [-2, 0, 2],
      ['−2', '0', '2'],
    ],
    [
      [0.001, 0.01, 0.1, 1],
      ['0.001', '0.010', '0.100', '1.000'],
    ],
    [
      [0, 2e9, 4e9],
      ['0', '2e+9', '4e+9'],
    ],
    [[7], ['7']],
  ])('%j', (ticks, labels) => {
    expect(tickLabels(ticks)).toEqual(labels)
  })
})
