import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WeightAverage } from '../../src/optimizer/index.js'

interface Touch {
  entry: number
  change: number
}
const SIZE = 5
const touch = fc.record({
  entry: fc.nat(SIZE - 1),
  change: fc.float({ min: -1, max: 1, noNaN: true }),
})
const run = fc.array(fc.uniqueArray(touch, { selector: ({ entry }) => entry }), {
  minLength: 1,
  maxLength: 40,
})

/** Trains with sparse changes; returns the weights after every step and what WeightAverage makes of them. */
function train(steps: readonly Touch[][], burnIn: number) {
  const weights = new Float32Array(SIZE).fill(0.5)
  const change = new Float32Array(SIZE)
  const average = new WeightAverage(SIZE, burnIn)
  const path = steps.map((touches, t) => {
    // A step always has its dense part; here it is empty.
    average.record(t + 1, weights, change, 0, 0)
    for (const { entry, change: delta } of touches) {
      change[entry] = delta
      average.record(t + 1, weights, change, entry, entry + 1)
      weights[entry]! += delta
    }
    return weights.slice()
  })
  const out = new Float32Array(SIZE)
  average.average(weights, out)
  return { path, out, average, weights }
}

describe('WeightAverage', () => {
  it('sums changes that lie apart as it sums ranges', () => {
    fc.assert(
      fc.property(run, fc.integer({ min: 1, max: 3 }), (steps, outputs) => {
        const FIRST = 2
        const weights = new Float32Array(FIRST + SIZE * outputs).fill(0.5)
        const [ranges, scattered] = [
          new WeightAverage(weights.length, 1),
          new WeightAverage(weights.length, 1),
        ]
        steps.forEach((touches, t) => {
          const indices = Uint32Array.from(touches, ({ entry }) => entry)
          const packed = Float32Array.from(
            touches.flatMap(({ change }) => Array.from({ length: outputs }, (_, k) => change / (k + 1))),
          )
          scattered.recordScattered(t + 1, weights, FIRST, packed, {
            indices,
            count: indices.length,
            outputs,
          })
          indices.forEach((entry, i) => {
            const from = FIRST + entry * outputs
            const change = new Float32Array(weights.length)
            change.set(packed.subarray(i * outputs, (i + 1) * outputs), from)
            ranges.record(t + 1, weights, change, from, from + outputs)
            for (let j = from; j < from + outputs; j++) weights[j]! += change[j]!
          })
          expect(scattered.sums).toEqual(ranges.sums)
        })
      }),
    )
  })

  it('is the plain mean of the stored weights of all steps after the burn-in', () => {
    fc.assert(
      fc.property(run, fc.nat(10), (steps, burnIn) => {
        const { path, out } = train(steps, burnIn)
        const counted = burnIn < path.length ? path.slice(burnIn) : path.slice(-1)
        for (let i = 0; i < SIZE; i++) {
          let sum = 0
          for (const weights of counted) sum += weights[i]!
          // Stored as f32: half an ulp of the mean. f64 sums of at most 40 terms of size ≤ 40·40: 40·1600·2⁻⁵³ < 2⁻³⁶.
          const mean = sum / counted.length
          expect(Math.abs(out[i]! - mean)).toBeLessThanOrEqual(Math.abs(mean) * 2 ** -24 + 2 ** -36)
        }
      }),
    )
  })

  it('stands still with weights that are too large to be moved by the changes', () => {
    const average = new WeightAverage(1)
    const weights = Float32Array.of(1)
    // By hand: 2⁻²⁶ is below half an ulp of 1, so the weight is 1 at every step, and so is its mean.
    for (let step = 1; step <= 1000; step++) average.record(step, weights, Float32Array.of(2 ** -26), 0, 1)
    const out = new Float32Array(1)
    average.average(weights, out)
    expect(out[0]).toBe(1)
  })

  it('counts the steps after the burn-in', () => {
    const average = new WeightAverage(1, 3)
    const counts = [1, 2, 3, 4, 5].map((step) => {
      average.record(step, Float32Array.of(0), Float32Array.of(1), 0, 1)
      return average.steps
    })
    expect(counts).toEqual([0, 0, 0, 1, 2])
  })

  it('may write over the weights', () => {
    const { weights, out, average } = train([[{ entry: 0, change: 1 }], [{ entry: 0, change: 1 }]], 0)
    average.average(weights, weights)
    expect(weights).toEqual(out)
    // By hand: the mean of 1.5 and 2.5.
    expect(weights[0]).toBe(2)
  })

  it('refuses vectors of another length', () => {
    expect(() => new WeightAverage(2).average(new Float32Array(2), new Float32Array(3))).toThrow(RangeError)
    expect(() => new WeightAverage(2).average(new Float32Array(3), new Float32Array(2))).toThrow(RangeError)
  })
})
