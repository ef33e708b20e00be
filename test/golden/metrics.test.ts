import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BinaryMetrics, createMetrics, ScoreMetrics, type MetricTask } from '../../src/metric/index.js'
import { scoredRows } from '../metric/rows.js'

interface Case {
  task: MetricTask
  outputs: number
  predictions: number[]
  labels: number[]
  weights: number[]
  expected: Record<string, number>
}
const golden = JSON.parse(readFileSync(new URL('metrics.json', import.meta.url), 'utf8')) as {
  source: string
  cases: Case[]
}

describe(`metrics of 100 rows, as ${golden.source} computes them`, () => {
  for (const { task, outputs, predictions, labels, weights, expected } of golden.cases) {
    const weighted = weights.some((weight) => weight !== 1)
    it(`${task}, ${weighted ? 'weighted' : 'unweighted'}`, () => {
      const metrics = createMetrics(task, outputs)
      metrics.addRows(scoredRows({ outputs, predictions, labels, weights }))
      const result = metrics.result()
      for (const [name, value] of Object.entries(expected)) {
        // Both sides sum 100 f64 terms, rounded at each: 100 · 2⁻⁵³ relative on sums of positive terms, and a few such
        // sums to a metric; the mean of the labels, near 500 with a spread of 3, costs r2 up to 500 times as much.
        const rounding = 5 * 100 * 2 ** -53 * (name === 'r2' ? 500 : 1)
        const histogram = name === 'auc' && (metrics instanceof BinaryMetrics || metrics instanceof ScoreMetrics)
          ? metrics.area.errorBound() : 0
        expect(Math.abs(result[name]! - value), name).toBeLessThanOrEqual(rounding * value + histogram)
      }
    })
  }

  it('has an area whose bound is small enough to mean something', () => {
    for (const { task, outputs, predictions, labels, weights } of golden.cases) {
      if (task !== 'binary' && task !== 'score') continue
      const metrics = task === 'score' ? new ScoreMetrics() : new BinaryMetrics(outputs)
      metrics.addRows(scoredRows({ outputs, predictions, labels, weights }))
      // 20 of the rows are rounded to one decimal and tie in any case; a tenth of all pairs tying is far above that.
      expect(metrics.area.errorBound()).toBeLessThan(0.05)
    }
  })
})
