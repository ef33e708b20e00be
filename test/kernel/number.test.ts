/**
 * parseNumber against ECMAScript's Number(), which is correctly rounded (ECMA-262, StringToNumber; V8 is exact).
 *
 * The one question of double rounding: an encoded value is Math.fround(Number(text)), decimal → f64 → f32. That can
 * differ from the f32 nearest to the decimal only where the f64 lies exactly half-way between two f32 and the decimal
 * does not: the first rounding has then lost on which side it was. Such a decimal lies within half an ulp of f64, that
 * is 2^-30 of an ulp of f32, of the half-way point, so either neighbour is within (½ + 2^-30) ulp of it. millrace
 * defines the value as Math.fround(Number(text)), the same bits on every JavaScript host; the last test of parseNumber
 * shows the case.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  LARGEST_POWER,
  POWERS_BYTES,
  SMALLEST_POWER,
  leadingBits,
  powersOfTen,
} from '../../src/numeric/powers.js'
import { openKernel } from './harness.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 2_000_000 : 120_000

const open = openKernel(4)
const powers = open.allocate(POWERS_BYTES)
open.bytes.set(powersOfTen(), powers)
const place = open.allocate(4096)
const encoder = new TextEncoder()

function parse(text: string, behind = 0x37, mark = '.'): number {
  const { written } = encoder.encodeInto(text, open.bytes.subarray(place, place + 2048))
  // What lies behind may be read and must not matter; a digit would show.
  open.bytes.fill(behind, place + written, place + written + 64)
  return open.kernel.parseNumber(place, place + written, powers, mark.charCodeAt(0))
}

describe('parseNumber', () => {
  it('gives the bits of Number() for random decimals of every length and exponent', () => {
    // A plain generator, seeded: fast-check would take most of the time, and a failing text needs no shrinking.
    let state = 20_260_901
    const below = (bound: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * bound)
    }
    const digits = (count: number): string => Array.from({ length: count }, () => below(10)).join('')
    const wrong: string[] = []
    for (let run = 0; run < RUNS; run += 1) {
      let text = (below(2) === 0 ? '-' : '') + digits(1 + below(below(4) === 0 ? 24 : 7))
      if (below(4) > 0) text += `.${digits(1 + below(below(4) === 0 ? 24 : 8))}`
      if (below(3) === 0) text += `${'eE'.charAt(below(2))}${['', '-', '+'][below(3)]}${digits(1 + below(3))}`
      if (!Object.is(parse(text), Number(text))) wrong.push(text)
      const withComma = text.replace('.', ',')
      if (!Object.is(parse(withComma, 0x2c, ','), Number(text))) wrong.push(withComma)
      if (text.includes('.') && !Number.isNaN(parse(text, 0x37, ',')))
        wrong.push(`${text} with a decimal comma`)
    }
    expect(wrong).toEqual([])
  })

  it.each([
    '1,5,',
    ',',
    '1,2,3',
    '1.5',
    '.5',
    '5.',
    '1.234,5',
    '1,234.5',
    '1 234',
    '1,e',
    '1234567.8',
    '12345678.12345678',
  ])('finds no number with a decimal comma in %j', (text) => {
    expect(parse(text, 0x30, ',')).toBeNaN()
  })

  it('gives back every f64 that JavaScript prints, as printed and with 17 and 19 digits', () => {
    const check = (value: number): void => {
      expect(parse(String(value))).toBe(Number(String(value)))
      // Adding 0 turns −0, which toExponential prints without its sign, into 0.
      expect(parse(value.toExponential(16))).toBe(value + 0)
      expect(parse(value.toExponential(18))).toBe(value + 0)
    }
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), check), { numRuns: 3000 })
  })

  it.each([
    // Half-way between two f64, and next to it: 2^53 + 1, ties to even.
    ...['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740993.0', '9007199254740995'],
    ...['9007199254740993.00000000000000000000000000001', '9007199254740992.99999999999999999999999999999'],
    ...[
      '1090544144181609348671888949248',
      '1.00000000000000011102230246251565404e0',
      '5e-324',
      '2.4703282292062327e-324',
    ],
    ...[
      '2.4703282292062328e-324',
      '2.2250738585072011e-308',
      '2.2250738585072014e-308',
      '1.7976931348623157e308',
    ],
    ...[
      '1.7976931348623159e308',
      '1e309',
      '-1e400',
      '1e-400',
      '1e-45',
      '1.401298464324817e-45',
      '7.006492321624085e-46',
    ],
    ...[
      '3.4028235e38',
      '3.4028235677973366e38',
      '12345678901234567890',
      '1234567890123456789012345678901234567890',
    ],
    ...[
      '0',
      '-0',
      '0.0',
      '-0.0',
      '0e99999999999999999999',
      '0000000000000000000000000000000000001',
      '.5',
      '-.5',
      '5.',
    ],
    ...[
      '+1',
      '+.5',
      '1e5',
      '1E+5',
      '1e-5',
      '1e0005',
      '1e-0000000000000000000000000000001',
      '1e99999999999',
      '9e-99999999999',
    ],
    ...[
      `0.${'0'.repeat(400)}1e400`,
      `1${'0'.repeat(400)}e-400`,
      `${'9'.repeat(800)}e-800`,
      '0.1',
      '0.2',
      '0.3',
      '1e22',
      '1e23',
    ],
    ...[
      '8.98846567431158e307',
      '4.503599627370497e15',
      '4503599627370497.5',
      '4503599627370498.5',
      '123456789012345678e-3',
    ],
    ...[
      '99999999',
      '999999999',
      '9999999999999999',
      '99999999.9',
      '9.9999999',
      '0.00000001',
      '12345678.12345678',
      '-9999999.9',
    ],
  ])('reads %s as Number() does', (text) => {
    expect(parse(text)).toBe(Number(text))
    expect(parse(text, 0x2e)).toBe(Number(text))
    expect(parse(text, 0x65)).toBe(Number(text))
    expect(parse(` \t${text} \t`)).toBe(Number(text))
  })

  // By the grammar of workers/kernel/number.ts; Number() takes some of these.
  it.each([
    ...[
      '',
      ' ',
      '.',
      '-',
      '+',
      '-.',
      '+.',
      'e',
      'e5',
      '.e5',
      '1e',
      '1e+',
      '1e-',
      '1.5e',
      '--1',
      '+-1',
      '1-',
      '1 2',
      '1..2',
      '1.2.3',
    ],
    ...[
      'inf',
      '-inf',
      'Infinity',
      'nan',
      'NaN',
      '0x10',
      '0b1',
      '1_000',
      '1,5',
      '１',
      '1e5.0',
      '1e 5',
      '- 1',
      '1f',
      '12:34',
      '1/2',
    ],
    ...[
      '1234567.x',
      '/2345678',
      '12345678:',
      '123456789012345x',
      '1.23456789012345678x',
      '1.234567890123456789e*01',
      '\n1',
      '1\0',
    ],
  ])('does not take %j for a number', (text) => {
    expect(parse(text)).toBeNaN()
  })

  it('takes no byte for a digit, a sign or a point that is none, at any place', () => {
    const accepted: string[] = []
    for (const text of [
      '1',
      '12345678',
      '-1.23456',
      '123456.7890123',
      '-0.1234567890123456',
      '1.234567890123456789e-01',
    ]) {
      for (let at = 0; at < text.length; at += 1) {
        for (let byte = 0; byte < 128; byte += 1) {
          const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1)
          const expected = /^[ \t]*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[ \t]*$/.test(changed)
            ? Number(changed)
            : NaN
          if (!Object.is(parse(changed), expected)) accepted.push(changed)
        }
      }
    }
    expect(accepted).toEqual([])
  })

  it('rounds twice where an f64 is half-way between two f32, by definition', () => {
    // 1 + 2^-24 + 2^-60 is above the middle of 1 and 1 + 2^-23, but its f64 is the middle itself, and that goes to even.
    const text = '1.000000059604644776257986737988403547205962240695953369140625'
    expect(parse(text)).toBe(1 + 2 ** -24)
    expect(Math.fround(parse(text))).toBe(1)
  })
})

describe('the table of powers', () => {
  it('holds the 128 leading bits of each power of five', () => {
    // By the definition: b = 5^q · 2^k, cut off (q ≥ 0) or rounded up (q < 0), with 2^127 ≤ b < 2^128.
    for (let exponent = SMALLEST_POWER; exponent <= LARGEST_POWER; exponent += 1) {
      const bits = leadingBits(exponent)
      expect(bits >> 127n).toBe(1n)
      const power = 5n ** BigInt(Math.abs(exponent))
      const length = BigInt(power.toString(2).length)
      if (exponent >= 0) {
        const difference = (power << 128n) - (bits << length)
        expect(difference >= 0n && difference < 1n << length).toBe(true)
      } else {
        const excess = bits * power - (1n << (length + 127n))
        expect(excess > 0n && excess <= power).toBe(true)
      }
    }
  })
})
