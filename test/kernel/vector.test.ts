import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sumOfSquares } from '../../src/step/clip.js'
import { openKernel } from './harness.js'

const opened = openKernel(4)
const { kernel, memory } = opened
const WORDS = 200
const a = new Float32Array(memory.buffer, opened.allocate(WORDS * 4), WORDS)
const b = new Float32Array(memory.buffer, opened.allocate(WORDS * 4), WORDS)

/** Two vectors, and the part [from, to) that a call is given. */
const vectors = fc.record({
  a: fc.array(fc.float({ noNaN: true }), { minLength: WORDS, maxLength: WORDS }),
  b: fc.array(fc.float({ noNaN: true }), { minLength: WORDS, maxLength: WORDS }),
  from: fc.integer({ min: 0, max: WORDS }),
  words: fc.integer({ min: 0, max: WORDS }),
})

/** Runs `operation` on a part of a and checks every word: the part against `expected`, the rest against no change. */
function check(
  operation: (from: number, words: number) => void,
  expected: (a: number, b: number) => number,
): void {
  fc.assert(
    fc.property(vectors, (input) => {
      a.set(input.a)
      b.set(input.b)
      const words = Math.min(input.words, WORDS - input.from)
      operation(input.from, words)
      const inside = (i: number): boolean => i >= input.from && i < input.from + words
      expect(Array.from(a)).toEqual(input.a.map((x, i) => (inside(i) ? expected(x, input.b[i]!) : x)))
    }),
    { numRuns: 50 },
  )
}

// Oracle: the same operation of ECMAScript rounded by Math.fround, which for one +, or one ×, of two f32 is the f32
// operation itself (f64 has more than twice the bits). Equality is exact.
describe('vector kernel', () => {
  it('adds', () => {
    check(
      (from, words) => kernel.add(a.byteOffset + 4 * from, b.byteOffset + 4 * from, words),
      (x, y) => Math.fround(x + y),
    )
  })

  it('scales', () => {
    check(
      (from, words) => kernel.scale(a.byteOffset + 4 * from, 0.3, words),
      (x) => Math.fround(x * Math.fround(0.3)),
    )
  })

  it('adds up squares in f64', () => {
    // Oracle: the reference, to the bit; a sum is finite where all words are, also of the largest ones, wherever a bad word is.
    fc.assert(
      fc.property(
        vectors,
        fc.integer({ min: 0, max: WORDS - 1 }),
        fc.constantFrom(NaN, Infinity, -Infinity, 1),
        (input, at, odd) => {
          a.set(input.a)
          a[at] = odd
          const words = Math.min(input.words, WORDS - input.from)
          const part = a.subarray(input.from, input.from + words)
          const sum = kernel.sumOfSquares(part.byteOffset, words)
          expect(sum).toBe(sumOfSquares(part, words))
          expect(Number.isFinite(sum)).toBe(part.every(Number.isFinite))
        },
      ),
    )
    a.fill(3.4e38)
    expect(kernel.sumOfSquares(a.byteOffset, WORDS)).toBe(WORDS * a[0]! ** 2)
  })

  it('zeroes', () => {
    check(
      (from, words) => kernel.zero(a.byteOffset + 4 * from, words),
      () => 0,
    )
  })
})
