/** What a date means. Oracle: ECMAScript's Date; for what it does not read, values worked out by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDate } from '../../src/schema/dates.js'
import { decimal } from '../../src/schema/decimal.js'

const RUNS = process.env['MILLRACE_THOROUGH'] === '1' ? 30_000 : 2_000

const parse = (text: string) => parseDate(text, decimal(text, '.'))

/** The parts of an instant in UTC, by Date. */
function utcParts(date: Date): number[] {
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay()
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, weekday, date.getUTCHours(), date.getTime() / 1000]
}

/** Parts of a time with a fraction: the fraction is rounded once, and its sum with the seconds once. */
function expectNear(parts: readonly number[] | undefined, expected: number[]): void {
  expect(parts?.slice(0, 4)).toEqual(expected.slice(0, 4))
  const epoch = expected[4]!
  expect(Math.abs(parts![4]! - epoch)).toBeLessThanOrEqual(2 ** -52 * Math.max(1, Math.abs(epoch)))
}

describe('a date', () => {
  it('written by Date is read as the instant that it was', () => {
    const years = {
      min: new Date('0000-01-01T00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }
    fc.assert(
      fc.property(fc.date(years), (date) => {
        const text = date.toISOString()
        expectNear(parse(text), utcParts(date))
        expectNear(parse(text.replace('T', ' ').replace('Z', '')), utcParts(date))
        expectNear(parse(text.replace(/[-:]/g, '').replace('.', ',')), utcParts(date))
        const day = new Date(text.slice(0, 10))
        expect(parse(text.slice(0, 10))).toEqual(utcParts(day))
        expect(parse(text.slice(0, 10).replaceAll('-', ''))).toEqual(utcParts(day))
        expect(parse(text.slice(0, 7))).toEqual(utcParts(new Date(text.slice(0, 7))))
      }),
      { numRuns: RUNS },
    )
  })

  it('with an offset has the hour that is written and the epoch that Date gives it', () => {
    const part = (most: number) => fc.nat(most).map((n) => String(n).padStart(2, '0'))
    const times = fc.tuple(part(23), part(59), part(59), fc.constantFrom('+', '-'), part(23), part(59))
    fc.assert(
      fc.property(times, ([hour, minute, second, sign, hours, minutes]) => {
        const text = `2024-02-29T${hour}:${minute}:${second}${sign}${hours}:${minutes}`
        // 29 February 2024 was a Thursday.
        expect(parse(text)).toEqual([2024, 2, 4, Number(hour), Date.parse(text) / 1000])
        expect(parse(text.slice(0, -3) + minutes)).toEqual(parse(text))
      }),
      { numRuns: RUNS },
    )
  })

  it('as a number is seconds, milliseconds, microseconds or nanoseconds by its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_500_000_000, max: 1_500_000_000 }), (minutes) => {
        // Nanoseconds of multiples of 64 s are whole in f64, up to 2^53 · 64 · 2^9.
        const seconds = minutes * 64
        const expected = utcParts(new Date(seconds * 1000))
        expect(parse(String(seconds))).toEqual(expected)
        // Below 1e11 in size, milliseconds would be taken for seconds, and so on.
        if (Math.abs(seconds) < 1e8) return
        expect(parse(`${seconds}000`)).toEqual(expected)
        expect(parse(`${seconds}000000`)).toEqual(expected)
        expect(parse(`${seconds}000000000`)).toEqual(expected)
      }),
      { numRuns: RUNS },
    )
  })

  it.each([
    // 2001-09-09T01:46:40Z, a Sunday, is the second 1,000,000,000.
    ['1000000000.25', [2001, 9, 7, 1, 1000000000.25]],
    ['1e9', [2001, 9, 7, 1, 1e9]],
    ['-0.5', [1969, 12, 3, 23, -0.5]],
    // 1970 began on a Thursday.
    [' 0 ', [1970, 1, 4, 0, 0]],
    // Eight digits are a day where there is such a day; 30 February is none, and 20010230 s is a Thursday (GNU date).
    ['19700102', [1970, 1, 5, 0, 86400]],
    ['20010230', [1970, 8, 4, 14, 20010230]],
    ['2001-09-09 01:46:40.123456789', [2001, 9, 7, 1, 1000000000.123456789]],
    ['2001-09-09T01:46:40.1234567899', [2001, 9, 7, 1, 1000000000.123456789]],
    ['2001-09-09T01:46+01', [2001, 9, 7, 1, 1000000000 - 40 - 3600]],
  ])('%j is %j', (text, parts) => {
    expect(parse(text)).toEqual(parts)
  })

  it.each([
    ...[
      '2001-02-29',
      '1900-02-29',
      '2001-04-31',
      '2001-13-01',
      '2001-00-01',
      '2001-01-00',
      '2001-1-1',
      '01/31/2001',
    ],
    ...[
      '2001-01-31T24:00',
      '2001-01-31T23:60',
      '2001-01-31T23:59:60',
      '2001-01-31T1:00',
      '2001-01-31T',
      '2001-01T10:00',
    ],
    ...[
      '2001-01-31T10:00+24:00',
      '2001-01-31T10:00+01:60',
      '2001-01-31Z',
      '2001-01-31T10:00:00.',
      '2001-01-31T10',
    ],
    ...['', 'NA', '1e300', '2001-01-31\n', '２００１-01-31', '-2001-01-31', '+002001-01-31'],
  ])('%j is none', (text) => {
    expect(parse(text)).toBeUndefined()
  })
})
