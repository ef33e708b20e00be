import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Curve, smoothed } from '../../../src/report/plot/curve.js'

const curveOf = (values: readonly number[]): Curve => {
  const curve = new Curve()
  values.forEach((value, i) => curve.add(i + 1, value))
  curve.finish()
  return curve
}

describe('Curve', () => {
  it('holds few points as it is', () => {
    const point = (step: number, value: number, count = 1): object => ({
      from: step,
      to: step,
      step,
      mean: value,
      low: value,
      high: value,
      count,
    })
    expect(curveOf([3, NaN, 5]).points).toEqual([point(1, 3), point(2, NaN, 0), point(3, 5)])
  })

  it('keeps mean, extremes and ends of many, in bounded memory', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), (steps) => {
        const values = Array.from({ length: steps }, (_, i) => Math.sin(i) + i / steps)
        const { points } = curveOf(values)
        expect(points.length).toBeLessThanOrEqual(4096)
        expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(steps)
        const sum = values.reduce((total, value) => total + value, 0)
        // Sums of at most 30,000 numbers around 1.
        expect(points.reduce((total, { mean, count }) => total + mean * count, 0)).toBeCloseTo(sum, 6)
        expect(Math.min(...points.map(({ low }) => low))).toBe(Math.min(...values))
        expect(Math.max(...points.map(({ high }) => high))).toBe(Math.max(...values))
        expect([points[0]!.from, points.at(-1)!.to]).toEqual([1, steps])
        points.slice(1).forEach((point, i) => expect(point.from).toBe(points[i]!.to + 1))
      }),
      { numRuns: 20 },
    )
  })

  it('passes over what is not finite where there is something beside it', () => {
    const { points } = curveOf(Array.from({ length: 8192 }, (_, i) => (i % 2 === 0 ? 1 : NaN)))
    expect(points.every(({ mean, count }) => mean === 1 && count > 0)).toBe(true)
  })
})

describe('smoothed', () => {
  it('takes means over a window that is narrower at the start', () => {
    // By hand: a window of two before and two after.
    const values = [10, 4, 1, 1, 1, 6]
    const means = smoothed(curveOf(values).points, 0.7).map(({ mean }) => mean)
    const expected = [10, 15 / 3, 17 / 5, 13 / 5, 9 / 4, 8 / 3]
    means.forEach((mean, i) => expect(mean).toBeCloseTo(expected[i]!, 12))
  })

  it('leaves gaps where nothing is finite', () => {
    expect(smoothed(curveOf([1, NaN, 3]).points, 0).map(({ mean }) => mean)).toEqual([1, NaN, 3])
  })
})
