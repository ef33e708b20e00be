/** Tables of an evaluation against the same from all rows at once, sorted; and by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberCells, ProbabilityCells } from '../../src/metric/cells.js'
import type { ScoredRows } from '../../src/metric/metric.js'
import { createTables, type TargetUnits } from '../../src/metric/tables.js'

const classes = ['no', 'yes']
const units: TargetUnits = { mean: 0, scale: 1, classes }

/** Rows of label, weight and nothing else. */
function scored(predictions: number[], labels: number[], weights = labels.map(() => 1)): ScoredRows {
  return {
    predictions: Float32Array.from(predictions),
    firstPrediction: 0,
    words: Float32Array.from(labels.flatMap((label, i) => [label, weights[i]!])),
    firstWord: 0,
    strideWords: 2,
    labelWord: 0,
    weightWord: 1,
    count: labels.length,
  }
}

const runs = process.env['MILLRACE_THOROUGH'] === undefined ? 50 : 2000

describe.each([
  ['probabilities', new ProbabilityCells(), fc.float({ min: 0, max: 1, noNaN: true })],
  ['numbers', new NumberCells(), fc.float({ noNaN: true })],
])('cells of %s', (_name, cells, values) => {
  it('keep the order, and there are as many as they say', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a]
        expect(cells.of(low)).toBeLessThanOrEqual(cells.of(high))
        expect(cells.of(low)).toBeGreaterThanOrEqual(0)
        expect(cells.of(high)).toBeLessThan(cells.count)
      }),
      { numRuns: runs * 4 },
    )
  })
})

describe('deciles', () => {
  it('are those of the sorted rows, where no two share a cell', () => {
    const predictions = Array.from({ length: 1000 }, (_, i) => Math.fround((((i * 619) % 1000) + 0.5) / 1000))
    const labels = predictions.map((p, i) => (((i * 37) % 101) / 101 < p ? 1 : 0))
    const tables = createTables('binary', 1, units, 0.5)
    tables.addRows(scored(predictions, labels))
    const sorted = predictions.map((p, i) => ({ p, label: labels[i]! })).sort((a, b) => b.p - a.p)
    const positives = labels.filter((label) => label === 1).length
    const { deciles } = tables.result()
    expect(deciles).toHaveLength(10)
    deciles!.forEach((decile, i) => {
      const part = sorted.slice(i * 100, (i + 1) * 100)
      const hits = part.filter(({ label }) => label === 1).length
      expect(decile.rows).toBe(100)
      expect(decile.predicted).toBeCloseTo(part.reduce((sum, { p }) => sum + p, 0) / 100, 12)
      expect(decile.observed).toBeCloseTo(hits / 100, 12)
      expect(decile.lift).toBeCloseTo(hits / 100 / (positives / 1000), 12)
      const captured = sorted.slice(0, (i + 1) * 100).filter(({ label }) => label === 1).length
      expect(decile.captured).toBeCloseTo(captured / positives, 12)
    })
  })

  it('share the rows of a cell (by hand): ten equal predictions are ten equal deciles', () => {
    const tables = createTables('binary', 1, units, 0.5)
    tables.addRows(scored(Array<number>(4).fill(0.25), [1, 0, 0, 0]))
    for (const decile of tables.result().deciles!) {
      expect(decile.rows).toBeCloseTo(0.4, 12)
      expect([decile.predicted, decile.observed, decile.lift]).toEqual([0.25, 0.25, 1])
    }
  })

  it('add up to all rows, weights and all', () => {
    const row = fc.record({
      z: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
      y: fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
      w: fc.integer({ min: 0, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 200 }), (rows) => {
        const tables = createTables('number', 1, { mean: 100, scale: 2, classes: [] }, 0)
        tables.addRows(
          scored(
            rows.map(({ z }) => z),
            rows.map(({ y }) => y),
            rows.map(({ w }) => w),
          ),
        )
        const deciles = tables.result().deciles!
        const weight = rows.reduce((sum, { w }) => sum + w, 0)
        if (weight === 0) {
          expect(deciles).toEqual([])
          return
        }
        const size = rows.reduce((sum, { y, w }) => sum + w * (Math.abs(y) * 2 + 100), 0)
        const total = rows.reduce((sum, { y, w }) => sum + w * (y * 2 + 100), 0)
        expect(deciles.reduce((sum, each) => sum + each.rows, 0)).toBeCloseTo(weight, 6)
        // Sums of f64, of at most 200 rows and their shares: 2^−52 each.
        const found = deciles.reduce((sum, { rows, observed }) => sum + rows * observed, 0)
        expect(Math.abs(found - total)).toBeLessThanOrEqual(size * 1e-12)
        for (let i = 1; i < deciles.length; i++) {
          expect(deciles[i]!.predicted).toBeLessThanOrEqual(
            deciles[i - 1]!.predicted + 1e-6 * Math.abs(deciles[i]!.predicted),
          )
        }
      }),
      { numRuns: runs },
    )
  })
})

describe('the confusion matrix', () => {
  it('has a row for each class, a column for each prediction, and follows the threshold (by hand)', () => {
    const rows = scored([0.2, 0.4, 0.6, 0.9], [0, 1, 0, 1], [1, 2, 3, 4])
    const confusionAt = (threshold: number) => {
      const tables = createTables('binary', 1, units, threshold)
      tables.addRows(rows)
      return tables.result().confusion!.counts
    }
    expect(confusionAt(0.5)).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(confusionAt(0.3)).toEqual([
      [1, 3],
      [0, 6],
    ])
  })

  it('is of the most probable class, the first of equal ones', () => {
    const tables = createTables('classes', 3, { ...units, classes: ['a', 'b', 'c'] }, 0)
    tables.addRows(scored([0.4, 0.4, 0.2, 0.1, 0.2, 0.7, 0.2, 0.5, 0.3], [1, 2, 2]))
    expect(tables.result().confusion).toEqual({
      classes: ['a', 'b', 'c'],
      counts: [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 1],
      ],
    })
  })

  it('is left out where there are too many classes', () => {
    const names = Array.from({ length: 1025 }, (_, k) => String(k))
    expect(createTables('classes', 1025, { ...units, classes: names }, 0).result()).not.toHaveProperty(
      'confusion',
    )
  })
})

describe('calibration', () => {
  it('compares what is predicted with what comes true, bin by bin (by hand)', () => {
    const tables = createTables('binary', 1, units, 0.5)
    tables.addRows(scored([0.125, 0.1875, 1, 0], [0, 1, 1, 0], [1, 1, 1, 2]))
    const { error, bins } = tables.result().calibration!
    expect(bins.filter(({ rows }) => rows > 0)).toEqual([
      { from: 0, to: 0.1, rows: 2, predicted: 0, observed: 0 },
      { from: 0.1, to: 0.2, rows: 2, predicted: 0.15625, observed: 0.5 },
      { from: 0.9, to: 1, rows: 1, predicted: 1, observed: 1 },
    ])
    // (2 · |0.15625 − 0.5|) / 5
    expect(error).toBeCloseTo(0.1375, 12)
  })

  it('of several classes is that of the predicted one (by hand)', () => {
    const tables = createTables('classes', 3, { ...units, classes: ['a', 'b', 'c'] }, 0)
    tables.addRows(scored([0.5, 0.25, 0.25, 0.5, 0.3, 0.2], [0, 1]))
    expect(tables.result().calibration!.bins[5]).toEqual({
      from: 0.5,
      to: 0.6,
      rows: 2,
      predicted: 0.5,
      observed: 0.5,
    })
  })
})

it('no table has rows without weight, nor predictions that are not numbers', () => {
  const tables = createTables('binary', 1, units, 0.5)
  tables.addRows(scored([NaN, 0.5, 0.75], [1, 0, 1], [1, 0, 2]))
  const { confusion, deciles } = tables.result()
  expect(confusion!.counts).toEqual([
    [0, 0],
    [0, 2],
  ])
  expect(deciles!.map(({ observed }) => observed)).toEqual(Array<number>(10).fill(1))
})
