import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AreaUnderCurve } from '../../src/metric/index.js'

interface Row {
  p: number
  label: 0 | 1
  weight: number
}

function areaOf(rows: readonly Row[]): AreaUnderCurve {
  const area = new AreaUnderCurve()
  for (const { p, label, weight } of rows) area.add(Math.fround(p), label, weight)
  return area
}

/** The definition, pair by pair. */
function pairwise(rows: readonly Row[]): number {
  let above = 0
  let pairs = 0
  for (const second of rows.filter(({ label }) => label === 1)) {
    for (const first of rows.filter(({ label }) => label === 0)) {
      const weight = first.weight * second.weight
      above += weight * (second.p > first.p ? 1 : second.p === first.p ? 0.5 : 0)
      pairs += weight
    }
  }
  return above / pairs
}

const row = (p: fc.Arbitrary<number>): fc.Arbitrary<Row> =>
  fc.record({ p, label: fc.constantFrom(0, 1), weight: fc.constantFrom(0.5, 1, 2) })
const anywhere = fc.float({ min: 0, max: 1, noNaN: true })
/** So close together that many share a cell. */
const crowded = fc.nat(40).map((n) => Math.fround(0.3 + n * 2 ** -16))
/** Near 0 and near 1, where a histogram of equal cells would see one value. */
const extreme = fc.nat(120).map((n) => Math.fround(n < 60 ? 1e-7 * 1.2 ** n : 1 - 1e-6 * 1.1 ** (n - 60)))

describe('AreaUnderCurve', () => {
  it.each([
    ['anywhere', anywhere],
    ['crowded', crowded],
    ['extreme', extreme],
  ])('is within its error bound of the definition, probabilities %s', (_where, p) => {
    fc.assert(
      fc.property(fc.array(row(p), { minLength: 2, maxLength: 60 }), (rows) => {
        fc.pre(new Set(rows.map(({ label }) => label)).size === 2)
        const area = areaOf(rows)
        // Weights are powers of two, so all sums are exact and only the quotients are rounded.
        expect(Math.abs(area.value() - pairwise(rows))).toBeLessThanOrEqual(area.errorBound() + 2 ** -50)
      }),
    )
  })

  it('reaches its error bound where all rows share one cell (by hand)', () => {
    // 0.3 + 2⁻²⁰ is in the cell of 0.3, which is 2⁻¹⁴ wide: seen as a tie, ½ instead of 1.
    const rows: Row[] = [
      { p: 0.3, label: 0, weight: 1 },
      { p: 0.3 + 2 ** -20, label: 1, weight: 1 },
    ]
    const area = areaOf(rows)
    expect(area.value()).toBe(0.5)
    expect(area.errorBound()).toBe(0.5)
    expect(pairwise(rows)).toBe(1)
  })

  it('tells apart probabilities that differ by a part in 2000, down to 2⁻³¹ and up to 1 − 2⁻¹² (by hand)', () => {
    const distances = [0.4, 0.01, 2 ** -12]
    const places = [
      ...distances.map((d) => [d, d * 1.0005]),
      ...distances.map((d) => [1 - d * 1.0005, 1 - d]),
    ]
    for (const [low, high] of [
      ...places,
      [1e-7, 1.0005e-7],
      [2 ** -31, 2 ** -31 * 1.0005],
      [0, 2 ** -32 * 1.0004],
      [0.4999, 0.5],
      [0.5, 0.5002],
    ]) {
      const area = areaOf([
        { p: low!, label: 0, weight: 1 },
        { p: high!, label: 1, weight: 1 },
      ])
      expect(area.value(), `${low} < ${high}`).toBe(1)
      expect(area.errorBound()).toBe(0)
    }
  })

  it('takes the ends of the range', () => {
    const ends: Row[] = [
      { p: 0, label: 0, weight: 3 },
      { p: 1, label: 1, weight: 5 },
    ]
    expect(areaOf(ends).value()).toBe(1)
    expect(areaOf(ends.map(({ p, label, weight }) => ({ p: 1 - p, label, weight }))).value()).toBe(0)
  })

  it('is not defined for one class', () => {
    expect(areaOf([{ p: 0.3, label: 1, weight: 1 }]).value()).toBeNaN()
    expect(areaOf([{ p: 0.3, label: 0, weight: 1 }]).value()).toBeNaN()
  })
})
