import { describe, expect, it } from 'vitest'
import { FOR_CURVES, FOR_RECORDS, SampledSteps } from '../../src/report/sampled-steps.js'

/** The rule as it stands in docs/events.md. */
const isSampled = (step: number, octave: number): boolean =>
  step % 2 ** Math.max(0, Math.floor(Math.log2(step)) - octave) === 0

function taken(from: number, to: number, octave: number): number[] {
  const steps = new SampledSteps(octave)
  const found: number[] = []
  for (let step = from; step <= to; step++) if (steps.takes(step)) found.push(step)
  return found
}

describe.each([FOR_CURVES, FOR_RECORDS])('SampledSteps, %i', (octave) => {
  const all = taken(1, 300_000, octave)

  it('takes the steps of the rule', () => {
    expect(all).toEqual(
      Array.from({ length: 300_000 }, (_, i) => i + 1).filter((step) => isSampled(step, octave)),
    )
    const first = 2 ** (octave + 1)
    expect(taken(1, first, octave)).toHaveLength(first)
    expect(all.filter((step) => step > 2 ** 16 && step <= 2 ** 17)).toHaveLength(2 ** octave)
  })

  it('takes the same ones wherever a run goes on', () => {
    for (const from of [2, 511, 513, 1023, 1025, 99_999, 131_073]) {
      expect(taken(from, 300_000, octave)).toEqual(all.filter((step) => step >= from))
    }
  })
})
