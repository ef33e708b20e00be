import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSchedule } from '../../src/schedule/index.js'

const inverseScaling = ({ learningRate, power }: { learningRate: number; power: number }) =>
  createSchedule('inverse-scaling', { learningRate, settings: { power } })

describe('inverse scaling', () => {
  it('is exact for the powers ½ and 1 (by hand)', () => {
    const root = inverseScaling({ learningRate: 3, power: 0.5 })
    expect([1, 4, 9, 144].map((step) => root.rate(step))).toEqual([3, 1.5, 1, 0.25])
    const whole = inverseScaling({ learningRate: 3, power: 1 })
    expect([1, 2, 3, 12].map((step) => whole.rate(step))).toEqual([3, 1.5, 1, 0.25])
  })

  it('agrees with the engine for other powers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (step, power) => {
          const rate = inverseScaling({ learningRate: 0.1, power }).rate(step)
          // pow is exp(p·log t): the exponent is below 56 and has two roundings and log's ulp, 3·56·2⁻⁵³ in all; exp and
          // the engine add an ulp each, the quotient one more.
          expect(Math.abs(rate / (0.1 / step ** power) - 1)).toBeLessThanOrEqual((3 * 56 + 6) * 2 ** -53)
        },
      ),
    )
  })
})
