import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal } from '../../src/schema/decimal.js'
import { readRecords } from '../../src/schema/reference-records.js'
import { ColumnOp, ColumnProfile, Ends } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { writeContext } from './parse-setup.js'

const COLUMNS = 2
const TOKENS = ['NA', '-999', 'a"b']

const open = openKernel(8)
const columns = Array.from({ length: COLUMNS }, () => ({ op: ColumnOp.Skip }))
const context = writeContext(open, { columns, strideWords: 4, missingTokens: TOKENS })
const place = open.allocate(1 << 15)
const scratch = open.allocate(1 << 15)
const profiles = open.allocate(COLUMNS * ColumnProfile.SIZE)

interface Profile {
  numbers: number
  missing: number
  texts: number
  mean: number
  squaredDifferences: number
  minimum: number
  maximum: number
  whole: number
}

function clear(): void {
  open.bytes.fill(0, profiles, profiles + COLUMNS * ColumnProfile.SIZE)
  for (let column = 0; column < COLUMNS; column += 1) {
    const at = profiles + column * ColumnProfile.SIZE
    open.view.setFloat64(at + ColumnProfile.Minimum, Infinity, true)
    open.view.setFloat64(at + ColumnProfile.Maximum, -Infinity, true)
    open.view.setFloat64(at + ColumnProfile.Whole, 1, true)
  }
}

function read(column: number): Profile {
  const field = (offset: ColumnProfile): number =>
    open.view.getFloat64(profiles + column * ColumnProfile.SIZE + offset, true)
  return {
    numbers: field(ColumnProfile.Numbers),
    missing: field(ColumnProfile.Missing),
    texts: field(ColumnProfile.Texts),
    mean: field(ColumnProfile.Mean),
    squaredDifferences: field(ColumnProfile.SquaredDifferences),
    minimum: field(ColumnProfile.Minimum),
    maximum: field(ColumnProfile.Maximum),
    whole: field(ColumnProfile.Whole),
  }
}

function add(text: string, ends: Ends): number {
  const bytes = new TextEncoder().encode(text)
  open.bytes.set(bytes, place)
  open.bytes.fill(0x37, place + bytes.length, place + bytes.length + 64)
  return open.kernel.profileBlock(context, place, bytes.length, ends, profiles, scratch)
}

/** The same by the definitions: sums over all values, in two passes. */
function expected(
  values: readonly string[],
): Omit<Profile, 'mean' | 'squaredDifferences'> & { kept: number[] } {
  const trimmed = values.map((value) => value.replace(/^[ \t]+|[ \t]+$/g, ''))
  const present = trimmed.filter((value) => value !== '' && !TOKENS.includes(value))
  const kept = present.map((value) => decimal(value, '.')).filter(Number.isFinite)
  return {
    numbers: kept.length,
    missing: values.length - present.length,
    texts: present.length - kept.length,
    minimum: Math.min(...kept),
    maximum: Math.max(...kept),
    whole: kept.every(Number.isInteger) ? 1 : 0,
    kept,
  }
}

describe('profileBlock', () => {
  it('by hand', () => {
    clear()
    expect(add('1,x\n2,\n\n"4", 7 \nNA,"-999"\nragged\n1,2,3\n', Ends.Data)).toBe(4)
    // 1, 2, 4: mean 7/3, squared differences 16/9 + 1/9 + 25/9 = 14/3. Each of the three steps of Welford's sums rounds a
    // few times, to 2^-53 each: 10 · 2^-53 · 14/3 < 1e-14.
    const first = read(0)
    expect(first).toMatchObject({ numbers: 3, missing: 1, texts: 0, minimum: 1, maximum: 4, whole: 1 })
    expect(Math.abs(first.mean - 7 / 3)).toBeLessThan(1e-14)
    expect(Math.abs(first.squaredDifferences - 14 / 3)).toBeLessThan(1e-14)
    const rest = { mean: 7, squaredDifferences: 0, minimum: 7, maximum: 7, whole: 1 }
    expect(read(1)).toEqual({ numbers: 1, missing: 2, texts: 1, ...rest })
  })

  it('leaves a record that is cut off to the next call', () => {
    clear()
    expect(add('1,2\n3,4', Ends.More)).toBe(1)
    expect(read(0).numbers).toBe(1)
    expect(add('3,4', Ends.Data)).toBe(1)
    expect(read(1)).toMatchObject({ numbers: 2, mean: 3, squaredDifferences: 2, minimum: 2, maximum: 4 })
  })

  it('agrees with the definitions on random tables, in one block or several', () => {
    const number = fc.oneof(
      fc.integer({ min: -50, max: 50 }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    )
    const cell = fc.oneof(
      { weight: 6, arbitrary: number.map(String) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '',
          ' ',
          'NA',
          ' NA',
          '-999',
          '"-999"',
          '"a""b"',
          '"a,b"',
          'x',
          '1e999',
          '"5"',
          ' 5 ',
        ),
      },
    )
    const line = fc.oneof(
      { weight: 9, arbitrary: fc.tuple(cell, cell).map((cells) => cells.join(',')) },
      { weight: 1, arbitrary: fc.constantFrom('', '1', '1,2,3', '"1"x,2') },
    )
    const check = (lines: string[], cut: number): void => {
      clear()
      const middle = cut % (lines.length + 1)
      const parts = [lines.slice(0, middle), lines.slice(middle)].map((part) =>
        part.map((text) => `${text}\n`).join(''),
      )
      const count = parts.map((part) => add(part, Ends.Data)).reduce((a, b) => a + b)

      const bytes = new TextEncoder().encode(parts.join(''))
      const dialect = { delimiter: 44, quote: 34, comment: 0 }
      const records = [...readRecords({ bytes, dialect, final: true })].filter(
        ({ fields }) => fields.length === COLUMNS && fields.every(({ fault }) => fault === 'none'),
      )
      expect(count).toBe(records.length)
      for (let column = 0; column < COLUMNS; column += 1) {
        const values = records.map(({ fields }) => new TextDecoder().decode(fields[column]?.value))
        const { kept, ...rest } = expected(values)
        const found = read(column)
        expect(found).toMatchObject(rest)
        if (kept.length === 0) continue
        const mean = kept.reduce((a, b) => a + b) / kept.length
        const squares = kept.reduce((sum, x) => sum + (x - mean) ** 2, 0)
        // Both ways round a few times a value, relative to 2^-53 and to numbers up to 1e3: 8 · n · 2^-53 · 1e3 for the
        // mean, and 1e3 times as much for squares.
        const tolerance = 8 * kept.length * 2 ** -53 * 1e3
        expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(tolerance)
        expect(Math.abs(found.squaredDifferences - squares)).toBeLessThanOrEqual(
          tolerance * 1e3 * kept.length,
        )
      }
    }
    fc.assert(fc.property(fc.array(line, { maxLength: 40 }), fc.nat(), check), { numRuns: 300 })
  })
})
