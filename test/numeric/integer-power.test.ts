import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { integerPower } from '../../src/numeric/integer-power.js'

describe('integerPower', () => {
  it('is exact where the power is a whole number below 2⁵³ (BigInt)', () => {
    for (let exponent = 0; exponent <= 33; exponent++) {
      expect(integerPower(3, exponent)).toBe(Number(3n ** BigInt(exponent)))
    }
  })

  it('halves down to the smallest f64, then gives 0 (by hand)', () => {
    expect(integerPower(0.5, 1074)).toBe(Number.MIN_VALUE)
    expect(integerPower(0.5, 1075)).toBe(0)
    expect(integerPower(0.999, 2 ** 40)).toBe(0)
  })

  it('takes 0⁰ for 1 and 0ᵗ for 0 (by hand)', () => {
    expect([0, 1, 2].map((exponent) => integerPower(0, exponent))).toEqual([1, 0, 0])
  })

  it('agrees with the engine to exponent · 2⁻⁵²', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.9, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 5000 }),
        (base, exponent) => {
          // Each product's rounding, 2⁻⁵³ relative, is multiplied by the squarings after it: at most `exponent` of them
          // in sum; the engine's own result is within 1 ulp.
          const allowed = (exponent * 2 ** -53 + 2 ** -52) * 1.001
          expect(Math.abs(integerPower(base, exponent) / base ** exponent - 1)).toBeLessThanOrEqual(allowed)
        },
      ),
    )
  })
})
