import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activations, type ActivationName } from '../../src/activation/index.js'

// Oracle: PyTorch's autograd in f64 (test/golden/activations.py).
const golden = JSON.parse(readFileSync(new URL('../golden/activations.json', import.meta.url), 'utf8')) as {
  activations: Record<ActivationName, [z: number, value: number, slope: number][]>
}

/** One row an activation: f(∞), f(−∞), by hand, and where f' has a jump. */
const rows: Record<ActivationName, { atInfinity: number; atMinusInfinity: number; kinks: number[] }> = {
  relu: { atInfinity: Infinity, atMinusInfinity: 0, kinks: [0] },
  'leaky-relu': { atInfinity: Infinity, atMinusInfinity: -Infinity, kinks: [0] },
  tanh: { atInfinity: 1, atMinusInfinity: -1, kinks: [] },
  sigmoid: { atInfinity: 1, atMinusInfinity: 0, kinks: [] },
  gelu: { atInfinity: Infinity, atMinusInfinity: 0, kinks: [] },
  silu: { atInfinity: Infinity, atMinusInfinity: 0, kinks: [] },
}

describe.each(Object.keys(activations) as ActivationName[])('activation %s', (name) => {
  const { value, slope } = activations[name]
  const row = rows[name]

  it('has the values and slopes of PyTorch', () => {
    expect(golden.activations[name].length).toBeGreaterThan(40)
    for (const [z, expectedValue, expectedSlope] of golden.activations[name]) {
      // Both sides compute in f64 with errors of a few ulp of the largest number on the way, which is below 1 + |z|.
      const tolerance = 2 ** -48 * (1 + Math.abs(z))
      expect(Math.abs(value(z) - expectedValue)).toBeLessThanOrEqual(tolerance)
      expect(Math.abs(slope(z, value(z)) - expectedSlope)).toBeLessThanOrEqual(tolerance)
    }
  })

  it('has a slope that agrees with central differences', () => {
    const h = 2 ** -18
    const smooth = fc.double({ min: -8, max: 8, noNaN: true }).filter((z) => {
      return row.kinks.every((kink) => Math.abs(z - kink) > h)
    })
    fc.assert(
      fc.property(smooth, (z) => {
        const difference = (value(z + h) - value(z - h)) / (2 * h)
        // h²/6·|f'''| with |f'''| < 2, and the rounding of f: 2^−50 (1 + |z|) over 2h.
        const tolerance = h * h + (2 ** -50 * (1 + Math.abs(z))) / h
        expect(Math.abs(slope(z, value(z)) - difference)).toBeLessThanOrEqual(tolerance)
      }),
    )
  })

  it('has its limits, and passes NaN on', () => {
    expect(value(Infinity)).toBe(row.atInfinity)
    expect(value(-Infinity) + 0).toBe(row.atMinusInfinity)
    expect(value(NaN)).toBeNaN()
  })
})
