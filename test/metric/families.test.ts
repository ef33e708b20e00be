import { describe, expect, it } from 'vitest'
import { createMetrics, type MetricTask } from '../../src/metric/index.js'
import { scoredRows, type Scores } from './rows.js'

function resultOf(task: MetricTask, scores: Scores, scale?: number) {
  const metrics = createMetrics(task, scores.outputs, scale)
  metrics.addRows(scoredRows(scores))
  return metrics.result()
}

describe('metrics of two classes', () => {
  it('counts p = ½ as the first class (by hand)', () => {
    const predictions = [0.5, 0.5, 0.75, 0.25]
    const result = resultOf('binary', {
      outputs: 1,
      predictions,
      labels: [0, 1, 1, 1],
      weights: [1, 1, 1, 1],
    })
    // Right: rows 1 and 3. Brier: (¼ + ¼ + 1/16 + 9/16) / 4.
    expect(result.accuracy).toBe(0.5)
    expect(result.brier).toBe(0.28125)
    // Row 1 against 2, 3, 4: ½ + 1 + 0 of 3 pairs.
    expect(result.auc).toBe(0.5)
  })

  it('takes the second of two outputs', () => {
    const labels = [0, 1, 1]
    const weights = [1, 2, 1]
    const one = resultOf('binary', { outputs: 1, predictions: [0.25, 0.75, 0.125], labels, weights })
    const predictions = [0.75, 0.25, 0.25, 0.75, 0.875, 0.125]
    expect(resultOf('binary', { outputs: 2, predictions, labels, weights })).toEqual(one)
  })
})

describe('metrics of several classes', () => {
  it('takes the first of equal predictions (as numpy.argmax does)', () => {
    const predictions = [0.4, 0.4, 0.2, 0.2, 0.4, 0.4]
    const right = resultOf('classes', { outputs: 3, predictions, labels: [0, 1], weights: [1, 1] })
    const wrong = resultOf('classes', { outputs: 3, predictions, labels: [1, 2], weights: [1, 1] })
    expect([right.accuracy, wrong.accuracy]).toEqual([1, 0])
  })
})

describe('metrics of numbers', () => {
  const scores = { outputs: 1, predictions: [1, 2, 7], labels: [1, 4, 4], weights: [1, 1, 2] }

  it('weights errors and puts them into units of the target (by hand)', () => {
    // e = 0, −2, 3 with weights 1, 1, 2: Σ w·e² = 22, Σ w·|e| = 8, Σ w = 4; mean label 13/4, Σ w·(y − ȳ)² = 6.75.
    const result = resultOf('number', scores, 10)
    expect(result.rmse).toBe(10 * Math.sqrt(5.5))
    expect(result.mae).toBe(20)
    // Four rounded updates of the spread.
    expect(Math.abs(result.r2! - (1 - 22 / 6.75))).toBeLessThan(8 * 2 ** -52)
  })

  it('keeps r2 free of the scale', () => {
    expect(resultOf('number', scores, 10).r2).toBe(resultOf('number', scores, 1).r2)
  })

  it('keeps the spread of labels far from 0 (by hand)', () => {
    // 2²³ + {0, 1, 2} is exact in f32; the squares, near 2⁴⁶, would leave a naive sum of squares with few digits.
    const labels = [0, 1, 2].map((n) => 2 ** 23 + n)
    const predictions = labels.map((label) => label + 1)
    const { r2 } = resultOf('number', { outputs: 1, predictions, labels, weights: [1, 1, 1] })
    // 1 − 3/2; the mean is rounded at 2²³·2⁻⁵³ = 2⁻³⁰, the spread by twice that.
    expect(Math.abs(r2! + 0.5)).toBeLessThan(2 ** -28)
  })

  it('has r2 = 1 for exact and 0 for other predictions of equal labels (as scikit-learn does)', () => {
    const labels = [3, 3]
    const weights = [1, 1]
    expect(resultOf('number', { outputs: 1, predictions: [3, 3], labels, weights }).r2).toBe(1)
    expect(resultOf('number', { outputs: 1, predictions: [3, 4], labels, weights }).r2).toBe(0)
    expect(resultOf('number', { outputs: 1, predictions: [3, NaN], labels, weights }).r2).toBeNaN()
  })
})

describe('precision, recall and F1', () => {
  const weights = [1, 1, 1, 1]

  it('are those of the second class (by hand)', () => {
    // Predicted: 1, 1, 0, 1; right of these: rows 1 and 4; labelled: rows 1, 3 and 4.
    const scores = { outputs: 1, predictions: [0.9, 0.8, 0.1, 0.7], labels: [1, 0, 1, 1], weights }
    expect(resultOf('binary', scores)).toMatchObject({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 })
  })

  it('are 0 where nothing is predicted, and not defined where there is nothing to predict either', () => {
    const predictions = [0.1, 0.1, 0.1, 0.1]
    const never = resultOf('binary', { outputs: 1, predictions, labels: [1, 0, 0, 0], weights })
    expect(never).toMatchObject({ precision: 0, recall: 0, f1: 0 })
    const nothing = resultOf('binary', { outputs: 1, predictions, labels: [0, 0, 0, 0], weights })
    expect(nothing).toMatchObject({ precision: NaN, recall: NaN, f1: NaN, accuracy: 1 })
  })

  it('are means over the classes that occur (by hand)', () => {
    // Class 0: predicted twice, right once, labelled once. Class 1: labelled once, never predicted. Class 2: nowhere.
    const predictions = [0.5, 0.3, 0.2, 0.5, 0.3, 0.2]
    const result = resultOf('classes', { outputs: 3, predictions, labels: [0, 1], weights: [1, 1] })
    expect(result).toMatchObject({ precision: (0.5 + 0) / 2, recall: (1 + 0) / 2, f1: (2 / 3 + 0) / 2 })
  })
})

describe('metrics of scores', () => {
  it('take 0 for the first class, and the order of the scores for the area (by hand)', () => {
    const scores = { outputs: 1, predictions: [0, 3, -2, 1e9], labels: [0, 1, 0, 1], weights: [1, 1, 1, 2] }
    expect(resultOf('score', scores)).toMatchObject({ auc: 1, accuracy: 1, precision: 1, recall: 1, f1: 1 })
    // Of the pairs of an 0 and a 1, with their weights, 3·2 in all, row 1 (−5) is below 0 and −2: 6 − 2 are in order.
    const other = { ...scores, predictions: [0, -5, -2, 1e9] }
    expect(resultOf('score', other)).toMatchObject({ auc: 4 / 6, accuracy: 4 / 5, recall: 2 / 3 })
  })
})

describe('the coverage of a quantile', () => {
  it('is the share of the weight that is not above the prediction (by hand)', () => {
    const scores = { outputs: 1, predictions: [1, 2, 3], labels: [1, 4, 2], weights: [1, 2, 5] }
    expect(resultOf('quantile', scores).coverage).toBe(6 / 8)
  })
})

describe('a loss that the field knows by another name', () => {
  it('stands beside it, with its factor', () => {
    const metrics = createMetrics('number', 1, 1, { metric: 'deviance', factor: 2 })
    metrics.addRows(scoredRows({ outputs: 1, predictions: [1], labels: [1], weights: [4] }))
    metrics.addLoss(3)
    const result = metrics.result()
    expect(result).toMatchObject({ loss: 0.75, deviance: 1.5 })
    expect(Object.keys(result)).toEqual(['loss', 'deviance', 'rmse', 'mae', 'r2'])
  })
})
