import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/errors.js'
import { createSchedule, schedules, type ScheduleName } from '../../src/schedule/index.js'

/** One row a schedule: lr(4) for lr₀ = 1 and power ½, by hand. */
const rows: Record<ScheduleName, { rateAtStep4: number }> = {
  constant: { rateAtStep4: 1 },
  'inverse-scaling': { rateAtStep4: 0.5 },
}
const names = Object.keys(schedules) as ScheduleName[]
const steps = fc.integer({ min: 1, max: 2 ** 40 })

describe.each(names)('schedule %s', (name) => {
  it('has its name and the rate computed by hand', () => {
    const schedule = createSchedule(name, { learningRate: 1 })
    expect(schedule.name).toBe(name)
    expect(schedule.rate(4)).toBe(rows[name].rateAtStep4)
  })

  it('starts at the learning rate', () => {
    for (const power of [0, 0.3, 0.5, 1, 1.5]) {
      expect(createSchedule(name, { learningRate: 0.3, power }).rate(1)).toBe(0.3)
    }
  })

  it('is positive, never rises, and depends on the step alone', () => {
    fc.assert(
      fc.property(steps, steps, fc.double({ min: 0, max: 2, noNaN: true }), (a, b, power) => {
        const schedule = createSchedule(name, { learningRate: 0.3, power })
        const [early, late] = [Math.min(a, b), Math.max(a, b)]
        const lateRate = schedule.rate(late)
        expect(lateRate).toBeGreaterThan(0)
        // Steps next to each other may differ by less than the power's own rounding, below 2⁻⁴⁵ of it.
        expect(schedule.rate(early)).toBeGreaterThanOrEqual(lateRate * (1 - 2 ** -45))
        expect(schedule.rate(late)).toBe(lateRate)
      }),
    )
  })

  it('rises in a straight line through a warm-up and then starts as if there had been none', () => {
    const plain = createSchedule(name, { learningRate: 1 })
    const warm = createSchedule(name, { learningRate: 1, warmup: 3 })
    // By hand: quarters up to the full rate, which step 4 has.
    expect([1, 2, 3, 4].map((step) => warm.rate(step))).toEqual([0.25, 0.5, 0.75, 1])
    for (const step of [1, 2, 3, 1000]) expect(warm.rate(step + 3)).toBe(plain.rate(step))
    expect(warm.name).toBe(name)
  })

  it('refuses options out of range', () => {
    const wrong = [
      { learningRate: NaN },
      { learningRate: 0 },
      { learningRate: Infinity },
      { learningRate: 1, power: -1 },
      { learningRate: 1, power: NaN },
      { learningRate: 1, warmup: -1 },
      { learningRate: 1, warmup: 1.5 },
      { learningRate: 1, warmup: NaN },
    ]
    for (const options of wrong) {
      expect(() => createSchedule(name, options), JSON.stringify(options)).toThrow(MillraceError)
    }
  })
})
