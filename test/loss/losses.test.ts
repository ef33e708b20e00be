import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLoss, type LossName } from '../../src/loss/index.js'
import { lossAndGradient } from '../../src/step/loss.js'
import { rowLayout } from '../../src/step/rows.js'

interface GoldenCase {
  z: (number | number[])[]
  y: number[]
  weight: number[]
  loss: number[]
  gradient: (number | number[])[]
  prediction: (number | number[])[]
  settings?: Record<string, number>
}

// Oracle: scikit-learn's own loss module, in f64 (test/golden/losses.py).
const golden = JSON.parse(readFileSync(new URL('../golden/losses.json', import.meta.url), 'utf8')) as {
  oracle: string
  /** By the name of the loss, and its setting where it has one. */
  cases: Record<string, GoldenCase>
}

// Both sides compute in f64 with fewer than ten roundings of 2^−53 of intermediate results no larger than `size`.
const tolerance = (size: number): number => 20 * 2 ** -53 * size

describe.each(Object.entries(golden.cases))(`%s against ${golden.oracle}`, (name, expected) => {
  const loss = createLoss(name.split(' ')[0] as LossName, expected.settings)
  const count = expected.y.length
  const z = Float64Array.from(expected.z.flat())
  const outputs = z.length / count
  const largest = Math.max(...z.map(Math.abs), ...expected.loss)

  it('has the same loss, gradient and prediction, row by row', () => {
    const gradient = new Float64Array(z.length)
    const prediction = new Float64Array(z.length)
    expected.y.forEach((y, r) => {
      const weight = expected.weight[r]!
      const value = weight * loss.value(z, r * outputs, outputs, y)
      expect(Math.abs(value - expected.loss[r]!)).toBeLessThanOrEqual(tolerance(3 * largest))
      loss.gradient(z, r * outputs, outputs, y, gradient)
      loss.predict(z, r * outputs, outputs, prediction)
      for (let k = r * outputs; k < (r + 1) * outputs; k++) gradient[k]! *= weight
    })
    expected.gradient.flat().forEach((value, i) => {
      expect(Math.abs(gradient[i]! - value)).toBeLessThanOrEqual(tolerance(3 * largest))
    })
    expected.prediction.flat().forEach((value, i) => {
      expect(Math.abs(prediction[i]! - value)).toBeLessThanOrEqual(tolerance(largest))
    })
  })

  it('has the same weighted sums over the rows', () => {
    const layout = rowLayout(0, 0)
    const words = new Float64Array(count * layout.strideWords)
    for (let r = 0; r < count; r++) words.set([expected.y[r]!, expected.weight[r]!], r * layout.strideWords)
    const rows = { layout, words, indices: new Uint32Array(words.length), firstWord: 0, count }
    const dz = new Float64Array(z.length)
    const totals = new Float64Array(2)
    lossAndGradient(loss, outputs, rows, z, dz, totals)
    const sum = (terms: number[]): number => terms.reduce((total, term) => total + term, 0)
    expect(Math.abs(totals[0]! - sum(expected.loss))).toBeLessThanOrEqual(tolerance(sum(expected.loss)))
    expect(totals[1]).toBe(sum(expected.weight))
    expected.gradient.flat().forEach((value, i) => {
      expect(Math.abs(dz[i]! - value)).toBeLessThanOrEqual(tolerance(3 * largest))
    })
  })
})

describe('by hand', () => {
  it('squared error is not halved', () => {
    expect(createLoss('squared').value(Float64Array.of(5), 0, 1, 2)).toBe(9)
  })

  it('logistic loss at z = 0 is ln 2 for both classes', () => {
    expect(createLoss('logistic').value(Float64Array.of(0), 0, 1, 0)).toBe(Math.LN2)
    expect(createLoss('logistic').value(Float64Array.of(0), 0, 1, 1)).toBe(Math.LN2)
  })

  it('softmax of equal scores is ln K, and adding a number to all scores changes nothing', () => {
    expect(createLoss('softmax').value(Float64Array.of(3, 3, 3, 3), 0, 4, 2)).toBe(2 * Math.LN2)
    // Scores and shift are small whole numbers, so the differences from the largest are exact.
    const value = createLoss('softmax').value(Float64Array.of(1, 2, -3), 0, 3, 0)
    expect(createLoss('softmax').value(Float64Array.of(1001, 1002, 997), 0, 3, 0)).toBe(value)
  })
})
