import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LONGEST_NUMBER, writeNumber, writeWhole } from '../../src/report/number-bytes.js'

function written(write: typeof writeNumber, value: number): string {
  const bytes = Buffer.alloc(LONGEST_NUMBER + 2, '#')
  const end = write(bytes, 1, value)
  expect(end).toBeLessThanOrEqual(LONGEST_NUMBER + 1)
  // Nothing around it is touched that the next write would not.
  expect(String.fromCharCode(bytes[0]!, bytes[LONGEST_NUMBER + 1]!)).toBe('##')
  return bytes.toString('latin1', 1, end)
}

describe('writeNumber', () => {
  // Oracle: by hand.
  it.each([
    [0, '0'],
    [-0, '0'],
    [0.1, '0.1'],
    [0.25, '0.25'],
    [-1.5, '-1.5'],
    [0.693147182464599, '0.693147182'],
    [0.9999999999, '1'],
    [9.9999999999, '10'],
    [123456789.4, '123456789'],
    [1234567890123, '1234567890123'],
    [0.000001, '0.000001'],
    [0.00000123456789123, '0.00000123456789'],
    [1e-7, '1e-7'],
    [1e15, '1000000000000000'],
    [1e300, '1e+300'],
    [NaN, 'null'],
    [Infinity, 'null'],
    [-Infinity, 'null'],
  ])('writes %d as %s', (value, text) => {
    expect(written(writeNumber, value)).toBe(text)
  })

  it('is JSON of nine digits for every number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const back = JSON.parse(written(writeNumber, value)) as number
        // Half a unit of the ninth digit is 5e-9 of a number that begins with 1; two roundings of f64 besides.
        expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.abs(value) * (5e-9 + 2 ** -51))
      }),
    )
  })

  it('is that of toPrecision in the range of losses and rates, but for the last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
        const back = Number(written(writeNumber, value))
        const unit = 10 ** (Math.floor(Math.log10(value)) - 8)
        // A tie may be rounded either way; a log10 next to a power of ten may be one too small.
        expect(Math.abs(back - Number(value.toPrecision(9)))).toBeLessThanOrEqual(unit * 1.0001)
      }),
    )
  })
})

describe('writeWhole', () => {
  it('writes every whole number as JavaScript does', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(written(writeWhole, value)).toBe(String(value))
      }),
    )
  })

  it.each([0, 9, 10, 999_999_999, 1e9, 1e12 - 1, 1e15, Number.MAX_SAFE_INTEGER])('writes %d', (value) => {
    expect(written(writeWhole, value)).toBe(String(value))
  })
})
