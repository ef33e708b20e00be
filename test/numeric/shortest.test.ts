import { describe, expect, it } from 'vitest'
import { shortestText } from '../../src/numeric/shortest.js'

/** The definition, tried digit by digit: the fewest digits that read back. */
function fewestDigits(value: number): string {
  for (let digits = 1; ; digits++) {
    const decimal = Number(value.toPrecision(digits))
    if (Math.fround(decimal) === value) return String(decimal)
  }
}

const word = new Uint32Array(1)
const float = new Float32Array(word.buffer)

/** The f32 with these bits. */
function floatOf(bits: number): number {
  word[0] = bits
  return float[0]!
}

describe('shortestText', () => {
  it('writes known values', () => {
    const values: [number, string][] = [
      [0, '0'],
      [-0, '0'],
      [1, '1'],
      [-12.5, '-12.5'],
      [Math.fround(0.1), '0.1'],
      [Math.fround(1 / 3), '0.33333334'],
      [16777216, '16777216'],
      [Math.fround(1e30), '1e+30'],
      [Math.fround(1e-7), '1e-7'],
      [2 ** -149, '1e-45'],
      [NaN, 'NaN'],
      [-Infinity, '-Infinity'],
    ]
    for (const [value, text] of values) expect(shortestText(value)).toBe(text)
  })

  it('reads back to the same f32, with as few digits as any text that does', () => {
    const count = process.env['MILLRACE_THOROUGH'] === '1' ? 3_000_000 : 100_000
    const wrong: unknown[] = []
    const check = (value: number): void => {
      const text = shortestText(value)
      const fewest = fewestDigits(value)
      if (Math.fround(Number(text)) === value && text.length === fewest.length) return
      wrong.push([value, text, fewest])
    }
    // An odd step goes through all exponents and mantissas before it repeats.
    let bits = 1
    for (let i = 0; i < count; i++) {
      bits = (bits + 0x9e3779b1) >>> 0
      if (Number.isFinite(floatOf(bits))) check(floatOf(bits))
    }
    // Round numbers, powers of ten and their neighbours, where the number of digits before the point changes.
    for (let power = -7; power <= 7; power++) {
      for (let step = 1; step <= 99; step++) {
        float[0] = step * 10 ** power
        const middle = word[0]!
        for (const near of [-1, 0, 1]) check(floatOf(middle + near))
      }
    }
    expect(wrong.slice(0, 5)).toEqual([])
  })
})
