import { describe, expect, it } from 'vitest'
import { createSchedule } from '../../src/schedule/index.js'

/** The rate after each of these losses. */
function ratesAfter(losses: readonly number[], settings: Record<string, number> = {}): number[] {
  const schedule = createSchedule('plateau', { learningRate: 1, settings: { factor: 0.5, ...settings } })
  return losses.map((loss) => {
    schedule.observe!(loss)
    return schedule.rate(1)
  })
}

// By hand, from the rule: one epoch more than `patience` without improvement.
describe('reduce on plateau', () => {
  it('halves the rate after patience + 1 epochs that are no better, and counts anew', () => {
    expect(ratesAfter([5, 5, 5, 5, 5, 5, 5])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25])
    expect(ratesAfter([5, 6, 4, 4, 4], { patience: 1 })).toEqual([1, 1, 1, 1, 0.5])
    expect(ratesAfter([5, 5, 4, 4], { patience: 0 })).toEqual([1, 0.5, 0.5, 0.25])
  })

  it('takes for better what is below the best by more than the threshold', () => {
    const settings = { patience: 0, threshold: 0.125 }
    expect(ratesAfter([8, 7, 6.9], settings)).toEqual([1, 0.5, 0.5])
    expect(ratesAfter([-8, -9, -9.1], settings)).toEqual([1, 0.5, 0.5])
  })

  it('takes no loss that is not a number for better', () => {
    expect(ratesAfter([NaN, 5, NaN], { patience: 0 })).toEqual([0.5, 0.5, 0.25])
  })
})
