import { describe, expect, it } from 'vitest'
import { activations, type ActivationName } from '../../src/activation/index.js'
import { openKernel } from './harness.js'

const THOROUGH = process.env.MILLRACE_THOROUGH === '1'
const opened = openKernel(THOROUGH ? 300 : 64)
const { kernel, memory } = opened

// Every 40,009th f32 of all 2^32, every 4001st where thoroughness is asked for; primes, so that all exponents come up.
const STEP = THOROUGH ? 4001 : 40_009
const COUNT = Math.ceil(2 ** 32 / STEP) + 3
const place = (words: number) => new Float32Array(memory.buffer, opened.allocate(words * 4), words)
const z = place(COUNT)
const a = place(COUNT)
const da = place(COUNT)
const dz = place(COUNT)

/** All finite f32 of the sweep. */
function fill(): void {
  const bits = new Uint32Array(z.buffer, z.byteOffset, COUNT)
  for (let i = 0; i < COUNT; i++) bits[i] = i * STEP
  for (let i = 0; i < COUNT; i++) if (!Number.isFinite(z[i]!)) z[i] = 0
}

/** One unit in the last place of the f32 nearest to x; results below 2^−126 are not held to more than that grid. */
function ulp(x: number): number {
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23)
}

/** What is left to results that pass through a subnormal factor. */
const SUBNORMAL = 2 ** -126

/** The bounds of workers/kernel/activation.ts: of values in ulp, of slopes in absolute terms (0: exact). */
const bounds: Record<ActivationName, { ulps: number; slope: number }> = {
  relu: { ulps: 0, slope: 0 },
  'leaky-relu': { ulps: 1, slope: 2 ** -31 },
  tanh: { ulps: 2, slope: 2 ** -22 },
  sigmoid: { ulps: 2.5, slope: 2 ** -23 },
  gelu: { ulps: 10, slope: 2 ** -21 },
  silu: { ulps: 3, slope: 2 ** -22 },
}

describe.each(Object.keys(activations) as ActivationName[])('%s', (name) => {
  const { value, slope, kernel: names } = activations[name]
  const forward = (from: number, words: number) =>
    kernel[names.forward](z.byteOffset + 4 * from, a.byteOffset + 4 * from, words)
  const gradient = (from: number, words: number) => {
    const at = 4 * from
    kernel[names.gradient](
      z.byteOffset + at,
      a.byteOffset + at,
      da.byteOffset + at,
      dz.byteOffset + at,
      words,
    )
  }
  const { ulps, slope: slopeBound } = bounds[name]

  // Oracle: the reference in f64, whose own error is below 2^−42 (PyTorch's values: test/contract/activations.test.ts).
  it('is within its error over all f32', () => {
    fill()
    forward(0, COUNT)
    let worst = 0
    let at = 0
    for (let i = 0; i < COUNT; i++) {
      const expected = value(z[i]!)
      const error = Math.max(0, Math.abs(a[i]! - expected) - (ulps > 0 ? SUBNORMAL : 0)) / ulp(expected)
      if (!(error <= worst)) [worst, at] = [error, z[i]!]
    }
    expect({ within: worst <= ulps, worst, at }).toEqual({ within: true, worst, at })
  })

  it('has a gradient within its error over all f32', () => {
    fill()
    da.fill(1)
    forward(0, COUNT)
    gradient(0, COUNT)
    let worst = 0
    let at = 0
    for (let i = 0; i < COUNT; i++) {
      const error = Math.abs(dz[i]! - slope(z[i]!, value(z[i]!)))
      if (!(error <= worst)) [worst, at] = [error, z[i]!]
    }
    expect({ within: worst <= slopeBound, worst, at }).toEqual({ within: true, worst, at })
  })

  it('multiplies the gradient by da, in place, and any cut leaves the same bits', () => {
    const words = 103
    for (let i = 0; i < words; i++) [z[i], da[i]] = [(i - 50) / 7.3, (i % 13) - 6]
    forward(0, words)
    gradient(0, words)
    const expected = [Array.from(a.subarray(0, words)), Array.from(dz.subarray(0, words))]
    for (let i = 0; i < words; i++) {
      const exact = da[i]! * slope(z[i]!, value(z[i]!))
      expect(Math.abs(dz[i]! - exact)).toBeLessThanOrEqual(8 * slopeBound + ulp(exact))
    }
    for (const cut of [1, 2, 3, 4, 50, 102]) {
      a.fill(NaN)
      forward(0, cut)
      forward(cut, words - cut)
      dz.set(da.subarray(0, words))
      const at = dz.byteOffset
      kernel[names.gradient](z.byteOffset, a.byteOffset, at, at, cut)
      kernel[names.gradient](
        z.byteOffset + 4 * cut,
        a.byteOffset + 4 * cut,
        at + 4 * cut,
        at + 4 * cut,
        words - cut,
      )
      expect([Array.from(a.subarray(0, words)), Array.from(dz.subarray(0, words))]).toEqual(expected)
      expect(a[words]).toBeNaN()
    }
  })

  it('has its limits, and passes NaN on', () => {
    z.set([Infinity, -Infinity, NaN])
    forward(0, 3)
    expect([a[0], a[1]! + 0, a[2]]).toEqual([value(Infinity), value(-Infinity) + 0, NaN])
  })
})
