import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/errors.js'
import { createSchedule, schedules, type ScheduleName } from '../../src/schedule/index.js'

/**
 * One row a schedule: its rates at steps 1 … 8 of 8 for lr₀ = 1, by hand; whether it needs the length of the run; for each
 * setting, a value that makes a difference, and values that are out of its range.
 */
const rows: Record<
  ScheduleName,
  {
    rates: readonly number[]
    given?: Record<string, number>
    needsSteps?: boolean
    settings: Record<string, { other: number; wrong: number[] }>
  }
> = {
  constant: { rates: [1, 1, 1, 1, 1, 1, 1, 1], settings: {} },
  'inverse-scaling': {
    rates: [1, 1 / 2 ** 0.5, 1 / 3 ** 0.5, 1 / 2, 1 / 5 ** 0.5, 1 / 6 ** 0.5, 1 / 7 ** 0.5, 1 / 8 ** 0.5],
    settings: { power: { other: 0.25, wrong: [-0.5] } },
  },
  step: {
    // A third of 8 steps, rounded up, is 3.
    rates: [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25],
    given: { factor: 0.5 },
    needsSteps: true,
    settings: { every: { other: 2, wrong: [-1, 1.5] }, factor: { other: 0.9, wrong: [0, 1] } },
  },
  exponential: {
    rates: [0, 1, 2, 3, 4, 5, 6, 7].map((t) => 2 ** -t),
    given: { final: 2 ** -8 },
    needsSteps: true,
    settings: { final: { other: 0.5, wrong: [0, 1] } },
  },
  linear: {
    rates: [8, 7, 6, 5, 4, 3, 2, 1].map((eighths) => eighths / 8),
    needsSteps: true,
    settings: { final: { other: 0.5, wrong: [-0.1, 1.1] } },
  },
  cosine: {
    // cos(π/8) and cos(π/4) by half angles.
    rates: [
      1, 0.9619397662556434, 0.8535533905932737, 0.6913417161825449, 0.5, 0.3086582838174551,
      0.1464466094067263, 0.0380602337443566,
    ],
    needsSteps: true,
    settings: { final: { other: 0.5, wrong: [-0.1, 1.1] } },
  },
  'one-cycle': {
    // Rises over four steps from ½ and falls over four to ¼, both along half a cosine with its quarters.
    rates: [
      0.5, 0.5732233047033631, 0.75, 0.9267766952966369, 1, 0.8901650429449553, 0.625, 0.3598349570550447,
    ],
    given: { rise: 0.5, start: 0.5, final: 0.25 },
    needsSteps: true,
    settings: {
      rise: { other: 0.6, wrong: [0, 1] },
      start: { other: 0.9, wrong: [0, 1] },
      final: { other: 0.9, wrong: [0, 1] },
    },
  },
  plateau: {
    rates: [1, 1, 1, 1, 1, 1, 1, 1],
    settings: {
      factor: { other: 0.5, wrong: [0, 1] },
      patience: { other: 0, wrong: [-1, 0.5] },
      threshold: { other: 0.5, wrong: [-0.1, 1] },
    },
  },
}
const names = Object.keys(schedules) as ScheduleName[]
const steps = fc.integer({ min: 1, max: 2 ** 40 })

describe.each(names)('schedule %s', (name) => {
  const row = rows[name]
  const create = (options: Partial<Parameters<typeof createSchedule>[1]> = {}) =>
    createSchedule(name, { learningRate: 1, steps: 8, settings: row.given ?? {}, ...options })
  const ratesOf = (settings: Record<string, number>) => {
    const schedule = create({ settings: { ...row.given, ...settings } })
    const losses = [8, 7.9, 7.9, 7.9, 7.9, 7.9, 7.9, 7.9]
    return losses.map((loss, i) => {
      const rate = schedule.rate(i + 1)
      schedule.observe?.(loss)
      return rate
    })
  }

  it('has its name and the rates computed by hand', () => {
    const schedule = create()
    expect(schedule.name).toBe(name)
    // Rates are between 2⁻⁸ and 1; exp, log and cosine are good to 2⁻⁵⁰, powers to eight times that.
    row.rates.forEach((rate, i) => expect(Math.abs(schedule.rate(i + 1) / rate - 1)).toBeLessThan(2 ** -46))
  })

  it('is positive, at most the learning rate, and depends on the step alone', () => {
    fc.assert(
      fc.property(steps, steps, steps, (a, b, length) => {
        const schedule = create({ steps: length })
        const rate = schedule.rate(a)
        expect(rate).toBeGreaterThan(0)
        expect(rate).toBeLessThanOrEqual(1)
        schedule.rate(b)
        expect(schedule.rate(a)).toBe(rate)
      }),
    )
  })

  it('is in proportion to the learning rate', () => {
    fc.assert(
      fc.property(steps, (step) => {
        // A product by a power of two is exact.
        expect(create({ learningRate: 0.25, steps: 1000 }).rate(step)).toBe(
          create({ steps: 1000 }).rate(step) / 4,
        )
      }),
    )
  })

  it('rises in a straight line through a warm-up and then starts as if there had been none', () => {
    const plain = create()
    const warm = create({ warmup: 3, steps: 11 })
    // By hand: quarters up to the first rate, which step 4 has.
    const first = plain.rate(1)
    expect([1, 2, 3, 4].map((step) => warm.rate(step))).toEqual(
      [1, 2, 3, 4].map((step) => (step * first) / 4),
    )
    for (const step of [1, 2, 3, 8, 1000]) expect(warm.rate(step + 3)).toBe(plain.rate(step))
    expect(warm.name).toBe(name)
    expect(warm.observe === undefined).toBe(plain.observe === undefined)
  })

  it('heeds each of its settings and refuses what is out of range', () => {
    expect(Object.keys(row.settings).sort()).toEqual(Object.keys(schedules[name].defaults).sort())
    for (const [setting, { other, wrong }] of Object.entries(row.settings)) {
      expect(ratesOf({ [setting]: other }), setting).not.toEqual(ratesOf({}))
      for (const value of [...wrong, NaN, Infinity]) {
        expect(() => create({ settings: { [setting]: value } }), `${setting} ${value}`).toThrow(MillraceError)
      }
    }
    expect(() => create({ settings: { misspelt: 1 } })).toThrow(MillraceError)
  })

  it('asks for the steps of the run where it needs them, and takes them from the settings first', () => {
    const withoutSteps = () => create({ steps: undefined })
    if (row.needsSteps) expect(withoutSteps).toThrow(MillraceError)
    else expect(withoutSteps().rate(1)).toBe(row.rates[0])
    const given = create({ steps: 1000, settings: { ...row.given, steps: 8 } })
    for (const step of [1, 5, 8]) expect(given.rate(step)).toBe(create().rate(step))
  })

  it('refuses options out of range', () => {
    const wrong = [
      { learningRate: NaN },
      { learningRate: 0 },
      { learningRate: Infinity },
      { warmup: -1 },
      { warmup: 1.5 },
      { warmup: NaN },
      { settings: { steps: 0 } },
      { settings: { steps: NaN } },
    ]
    for (const options of wrong) {
      expect(() => create(options), JSON.stringify(options)).toThrow(MillraceError)
    }
  })
})
