import { describe, expect, it } from 'vitest'
import { SampledSteps } from '../../src/report/sampled-steps.js'

/** The rule as it stands in docs/events.md. */
const isSampled = (step: number): boolean => step % 2 ** Math.max(0, Math.floor(Math.log2(step)) - 7) === 0

function taken(from: number, to: number): number[] {
  const steps = new SampledSteps()
  const found: number[] = []
  for (let step = from; step <= to; step++) if (steps.takes(step)) found.push(step)
  return found
}

describe('SampledSteps', () => {
  const all = taken(1, 300_000)

  it('takes the steps of the rule', () => {
    expect(all).toEqual(Array.from({ length: 300_000 }, (_, i) => i + 1).filter(isSampled))
    expect(taken(1, 256)).toHaveLength(256)
    expect(all.filter((step) => step > 2 ** 16 && step <= 2 ** 17)).toHaveLength(128)
  })

  it('takes the same ones wherever a run goes on', () => {
    for (const from of [2, 511, 513, 1023, 1025, 99_999, 131_073]) {
      expect(taken(from, 300_000)).toEqual(all.filter((step) => step >= from))
    }
  })
})
