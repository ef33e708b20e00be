import { describe, expect, it } from 'vitest'
import { openKernel } from './harness.js'

const opened = openKernel(4)
const { kernel, memory } = opened

/** One unit in the last place of the f32 nearest to x: 2^(exponent − 23), no less than the smallest subnormal. */
function ulp(x: number): number {
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23)
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)
// Every 40,009th f32 of all 2^32, every 211th where thoroughness is asked for; a prime, so that all exponents and
// all endings come up.
const STEP = process.env.MILLRACE_THOROUGH === '1' ? 211 : 40_009

interface Sweep {
  worst: number
  at: number
  /** Results that had to be exact (0, ∞, NaN) and were not. */
  wrong: number[]
}

/** Compares with an f64 oracle, whose own error of 2^−52 is 2^−29 ulp here, over all of f32. */
function sweep(
  compute: (x: number) => number,
  exact: (x: number) => number,
  inDomain: (x: number) => boolean,
): Sweep {
  const result: Sweep = { worst: 0, at: 0, wrong: [] }
  for (let pattern = 0; pattern < 2 ** 32; pattern += STEP) {
    bits[0] = pattern
    const x = float[0]!
    if (!inDomain(x)) continue
    const expected = exact(x)
    const rounded = Math.fround(expected)
    const got = compute(x)
    if (rounded === 0 || !Number.isFinite(rounded)) {
      if (!Object.is(got, rounded)) result.wrong.push(x)
      continue
    }
    const error = Math.abs(got - expected) / ulp(expected)
    if (!(error <= result.worst)) [result.worst, result.at] = [error, x]
  }
  return result
}

const logistic = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)))

const everywhere = (): boolean => true
const fromZeroToOne = (u: number): boolean => !(u < 0 || u > 1 || Object.is(u, -0))

describe('kernel mathematics', () => {
  // The bounds are those of the docstrings in workers/kernel/math.ts; oracle: Math.exp, Math.log, Math.log1p in f64.
  it.each([
    ['exp', (x: number): number => kernel.exp(x), Math.exp, everywhere, 1],
    ['log', (x: number): number => kernel.log(x), Math.log, everywhere, 2],
    ['log1pUnit', (u: number): number => kernel.log1pUnit(u), Math.log1p, fromZeroToOne, 2],
    ['sigmoid', (x: number): number => kernel.sigmoid(x), logistic, everywhere, 2.5],
  ])('%s is within its error over all f32', (_name, compute, exact, inDomain, bound) => {
    const { worst, at, wrong } = sweep(compute, exact, inDomain)
    expect({ worst: worst <= bound, at, wrong }).toEqual({ worst: true, at, wrong: [] })
    expect(worst).toBeGreaterThan(0)
  })

  // Oracle: IEEE 754-2019, section 9.2.1, and f32's range: ln(2^128 − 2^103) = 88.7228…, ln(2^−150) = −103.97…
  it.each([
    [0, 1],
    [-0, 1],
    [Infinity, Infinity],
    [-Infinity, 0],
    [NaN, NaN],
    [88.73, Infinity],
    [-103.98, 0],
    [-103.97, 2 ** -149],
  ])('exp(%d) = %d', (x, expected) => {
    expect(kernel.exp(x)).toBe(expected)
  })

  it.each([
    [0, -Infinity],
    [-0, -Infinity],
    [Infinity, Infinity],
    [-Infinity, NaN],
    [-1, NaN],
    [-1e-45, NaN],
    [NaN, NaN],
    [1, 0],
  ])('log(%d) = %d', (x, expected) => {
    expect(kernel.log(x)).toBe(expected)
  })

  it.each([
    [0, 0.5],
    [-0, 0.5],
    [Infinity, 1],
    [-Infinity, 0],
    [NaN, NaN],
    [104, 1],
    [-104, 0],
  ])('sigmoid(%d) = %d', (z, expected) => {
    expect(kernel.sigmoid(z)).toBe(expected)
  })

  // ±88 lies where e^−|z| has become subnormal. Oracle: Math.exp; the bound is that of the docstring.
  it.each([88, -88, 87.5, -87.5])('sigmoid and exp at %d', (x) => {
    expect(Math.abs(kernel.exp(x) - Math.exp(x))).toBeLessThanOrEqual(ulp(Math.exp(x)))
    expect(Math.abs(kernel.sigmoid(x) - logistic(x))).toBeLessThanOrEqual(2.5 * ulp(logistic(x)))
  })

  it('gives a value the same bits in every lane and in the scalar form', () => {
    const count = 1000
    const z = new Float32Array(memory.buffer, opened.allocate(count * 4), count)
    const out = new Float32Array(memory.buffer, opened.allocate(count * 4), count)
    for (let i = 0; i < count; i++) z[i] = (i - 500) / 4.7
    const alone = Array.from(z, (value) => kernel.sigmoid(value))
    for (const start of [0, 1, 2, 3]) {
      kernel.predictLogistic!(z.byteOffset + 4 * start, count - start, 1, out.byteOffset)
      expect(Array.from(out.subarray(0, count - start))).toEqual(alone.slice(start))
    }
  })
})
