import { describe, expect, it } from 'vitest'
import { Purpose, randomBits, randomFraction, shuffle } from '../../src/numeric/random.js'

describe('random numbers by counter', () => {
  it('are the same for ever: the model file depends on them', () => {
    // Oracle: the mixing function worked out in Python's unbounded integers.
    expect(randomBits(0, Purpose.Validation, 0, 0)).toBe(215606638)
    expect(randomBits(7, Purpose.LanePhase, 3, 11)).toBe(1089027420)
    expect(randomBits(0xffffffff, Purpose.BufferDraw, 50, 2 ** 40 + 5)).toBe(1891291725)
  })

  it('fill [0, 1) evenly', () => {
    const buckets = new Array<number>(16).fill(0)
    for (let i = 0; i < 16_000; i++) buckets[Math.floor(randomFraction(1, Purpose.BufferDraw, 1, i) * 16)]!++
    // χ² with 15 degrees of freedom is above 44.3 once in 10,000 draws (tables); these draws never change.
    const chiSquared = buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chiSquared).toBeLessThan(44.3)
    expect(chiSquared).toBeGreaterThan(0)
  })

  it('change with each of seed, purpose, epoch and index', () => {
    const draws = [
      randomBits(1, Purpose.LaneOrder, 1, 1),
      randomBits(2, Purpose.LaneOrder, 1, 1),
      randomBits(1, Purpose.LanePhase, 1, 1),
      randomBits(1, Purpose.LaneOrder, 2, 1),
      randomBits(1, Purpose.LaneOrder, 1, 2),
      randomBits(1, Purpose.LaneOrder, 1, 1 + 2 ** 32),
    ]
    expect(new Set(draws).size).toBe(draws.length)
  })
})

describe('shuffle', () => {
  it('keeps the set, and draws every order about equally often', () => {
    const seen = new Map<string, number>()
    for (let seed = 0; seed < 6000; seed++) {
      const order = shuffle([1, 2, 3], seed, Purpose.LaneOrder, 1)
      expect([...order].sort()).toEqual([1, 2, 3])
      seen.set(order.join(''), (seen.get(order.join('')) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    // Binomial with p = 1/6: 1,000 with a deviation of √833 = 28.9; five deviations.
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(145)
  })
})
