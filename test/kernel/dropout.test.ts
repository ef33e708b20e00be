import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dropout, dropoutSettings } from '../../src/step/dropout.js'
import { openKernel } from './harness.js'

const opened = openKernel(16)
const { kernel, memory } = opened
const WORDS = 130_000
const a = new Float32Array(memory.buffer, opened.allocate(WORDS * 4), WORDS)

const cases = fc.record({
  rows: fc.integer({ min: 0, max: 20 }),
  units: fc.integer({ min: 0, max: 40 }),
  gap: fc.integer({ min: 0, max: 5 }),
  key: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  firstRow: fc.integer({ min: 0, max: 2 ** 31 }),
  p: fc.double({ min: 0, max: 0.999, noNaN: true }),
})

describe('dropout', () => {
  // Oracle: the reference. A product of two f32 is rounded once on both sides, so they are equal.
  it('is the reference, bit for bit, and touches nothing beyond the units', () => {
    fc.assert(
      fc.property(cases, ({ rows, units, gap, key, firstRow, p }) => {
        const step = units + gap
        const words = rows * step + 4
        for (let i = 0; i < words; i++) a[i] = Math.fround(i / 7 + 1)
        const expected = a.slice(0, words)
        const { threshold, scale } = dropoutSettings(p)
        dropout({ words: expected, first: 0, step }, rows, units, key, firstRow, threshold, scale)
        kernel.dropout(a.byteOffset, step, rows, units, key, firstRow, threshold, scale)
        expect(Array.from(a.subarray(0, words))).toEqual(Array.from(expected))
      }),
    )
  })

  it('depends on key, row and unit, not on how rows are cut into calls', () => {
    const { threshold, scale } = dropoutSettings(0.5)
    a.fill(1, 0, 20 * 33)
    kernel.dropout(a.byteOffset, 33, 20, 33, 7, 100, threshold, scale)
    const whole = Array.from(a.subarray(0, 20 * 33))
    a.fill(1, 0, 20 * 33)
    kernel.dropout(a.byteOffset, 33, 6, 33, 7, 100, threshold, scale)
    kernel.dropout(a.byteOffset + 6 * 33 * 4, 33, 14, 33, 7, 106, threshold, scale)
    expect(Array.from(a.subarray(0, 20 * 33))).toEqual(whole)
    a.fill(1, 0, 20 * 33)
    kernel.dropout(a.byteOffset, 33, 20, 33, 8, 100, threshold, scale)
    expect(Array.from(a.subarray(0, 20 * 33))).not.toEqual(whole)
  })

  it.each([0, 0.1, 0.5, 0.9])('leaves out a share of %d and keeps the mean', (p) => {
    const { threshold, scale } = dropoutSettings(p)
    a.fill(1)
    kernel.dropout(a.byteOffset, 130, 1000, 130, 12_345, 0, threshold, scale)
    const zeros = a.reduce((count, x) => count + (x === 0 ? 1 : 0), 0)
    // Five standard deviations of a binomial count.
    expect(Math.abs(zeros - p * WORDS)).toBeLessThanOrEqual(5 * Math.sqrt(p * (1 - p) * WORDS))
    expect(new Set(a).size).toBe(p === 0 ? 1 : 2)
    expect(Math.max(...new Set(a))).toBe(Math.fround(1 / (1 - p)))
  })
})
