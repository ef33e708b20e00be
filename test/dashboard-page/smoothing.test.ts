import { describe, expect, it } from 'vitest'
import { smooth, smoothingSpan } from '../../src/dashboard-page/smoothing.js'

describe('smooth', () => {
  it('leaves what is constant, from the first point on', () => {
    expect(smooth([3, 3, 3, 3], 5)).toEqual([3, 3, 3, 3].map((value) => expect.closeTo(value, 12) as number))
  })

  it('weighs newer points more: a = 2 / (3 + 1)', () => {
    // By hand: (½·1)/½, (¼·1 + ½·4)/¾, (⅛·1 + ¼·4 + ½·1)/⅞.
    const expected = [1, 2.25 / 0.75, 1.625 / 0.875]
    smooth([1, 4, 1], 3).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12))
  })

  it('passes over what is no number', () => {
    expect(smooth([2, NaN, 2], 3)[2]).toBeCloseTo(2, 12)
  })

  it('is over more points of longer curves, within bounds', () => {
    expect([smoothingSpan(0), smoothingSpan(200), smoothingSpan(2000)]).toEqual([1, 10, 60])
  })
})
