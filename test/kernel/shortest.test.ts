/** The kernel writes an f32 as its twin does, shortestText (src/numeric/shortest.ts), whose own test has the definition. */
import { describe, expect, it } from 'vitest'
import { shortestText } from '../../src/numeric/shortest.js'
import { LONGEST_NUMBER } from '../../workers/kernel.js'
import { openKernel } from './harness.js'

const { kernel, bytes, allocate } = openKernel(2)
const out = allocate(LONGEST_NUMBER)

function written(value: number): string {
  return Buffer.from(bytes.slice(out, kernel.writeNumber(value, out))).toString('latin1')
}

const word = new Uint32Array(1)
const float = new Float32Array(word.buffer)

function floatOf(bits: number): number {
  word[0] = bits
  return float[0]!
}

const SIGN = 0x80000000
const count = process.env['MILLRACE_THOROUGH'] === '1' ? 3_000_000 : 200_000

/** What the kernel writes otherwise than the twin, of the first few values that it does. */
function wrongOf(values: Iterable<number>): unknown[] {
  const wrong: unknown[] = []
  for (const value of values) {
    const text = written(value)
    const expected = shortestText(value)
    if (text !== expected && wrong.push([value, text, expected]) === 5) break
  }
  return wrong
}

describe('writeNumber', () => {
  it('writes values of every kind', () => {
    const values: [number, string][] = [
      [0, '0'],
      [-0, '0'],
      [-12.5, '-12.5'],
      [0.1, '0.1'],
      [1e-6, '0.000001'],
      [1e-7, '1e-7'],
      [1e21, '1e+21'],
      [-3.4028234663852886e38, '-3.4028235e+38'],
      [2 ** -149, '1e-45'],
      [NaN, 'NaN'],
      [Infinity, 'Infinity'],
      [-Infinity, '-Infinity'],
    ]
    for (const [value, text] of values) expect(written(value)).toBe(text)
  })

  it('writes what its twin does: bits from all of f32', () => {
    // An odd step goes through all exponents and mantissas before it repeats.
    function* values(): Generator<number> {
      for (let i = 0, bits = 1; i < count; i++, bits = (bits + 0x9e3779b1) >>> 0) yield floatOf(bits)
    }
    expect(wrongOf(values())).toEqual([])
  })

  it('writes what its twin does: probabilities', () => {
    function* values(): Generator<number> {
      for (let i = 0; i < count; i++) yield Math.fround(((i * 0.6180339887498949) % 1) ** (1 + (i % 12)))
    }
    expect(wrongOf(values())).toEqual([])
  })

  it('writes what its twin does: powers of two and of ten, round numbers, whole numbers, and their neighbours', () => {
    function* values(): Generator<number> {
      for (let exponent = 0; exponent < 256; exponent++) {
        for (const mantissa of [0, 1, 2, 0x400000, 0x7fffff]) yield floatOf((exponent << 23) | mantissa)
      }
      for (let power = -46; power <= 38; power++) {
        for (let step = 1; step <= 99; step++) {
          float[0] = step * 10 ** power
          const middle = word[0]!
          for (const near of [-1, 0, 1]) {
            yield floatOf((middle + near) >>> 0)
            yield floatOf(((middle + near) | SIGN) >>> 0)
          }
        }
      }
      for (let whole = 1; whole < 2 ** 25; whole += 1 + (whole >> 6)) yield Math.fround(whole)
    }
    expect(wrongOf(values())).toEqual([])
  })

  it('needs no more room than it is said to', () => {
    expect(written(Math.fround(-999999950000000000000)).length).toBeLessThanOrEqual(LONGEST_NUMBER)
  })
})
