import { describe, expect, it } from 'vitest'
import { createLoss } from '../../src/loss/index.js'
import { linearParameters, linearShape } from '../../src/model/linear.js'
import { averageTree, sumTree } from '../../src/step/average.js'
import { backprop } from '../../src/step/backprop.js'
import { noPenalties } from '../../src/optimizer/index.js'
import { descent } from '../../src/step/descent.js'
import { forward } from '../../src/step/forward.js'
import { lossAndGradient } from '../../src/step/loss.js'
import { categoryIndex, labelOf, rowLayout, weightOf, type EncodedRows } from '../../src/step/rows.js'
import { update } from '../../src/step/update.js'
import { uniform } from './random-rows.js'

/** Two rows of two features and one category, in the middle of a larger memory. */
function twoRows(): EncodedRows {
  const layout = rowLayout(2, 1)
  const words = new Float32Array(8 + 2 * layout.strideWords)
  const indices = new Uint32Array(words.buffer)
  words.set([1, 2, 0, 0, 0, 5, 1], 8)
  words.set([3, -1, 0, 0, 0, -4, 0.5], 16)
  indices[8 + 4] = 0
  indices[16 + 4] = 2
  return { layout, words, indices, firstWord: 8, count: 2 }
}

describe('layouts', () => {
  it('places the parts of a row, by hand', () => {
    expect(rowLayout(28, 0)).toEqual({
      ...{
        dense: 28,
        denseWords: 28,
        categories: 0,
        factors: [],
        labelWord: 28,
        weightWord: 29,
        strideWords: 32,
      },
    })
    expect(rowLayout(5, 3)).toEqual({
      ...{
        dense: 5,
        denseWords: 8,
        categories: 3,
        factors: [],
        labelWord: 11,
        weightWord: 12,
        strideWords: 16,
      },
    })
    const rows = twoRows()
    expect([labelOf(rows, 1), weightOf(rows, 1), categoryIndex(rows, 1, 0)]).toEqual([-4, 0.5, 2])
  })

  it('places the parts of the parameters, by hand', () => {
    const shape = linearShape(rowLayout(5, 2), 3, 7)
    // w: 3 × 8; bias: 3, padded to 4; v: 7 × 3 = 21, padded to 24. Real ones: 3 · (5 + 1 + 7).
    expect([shape.w, shape.bias, shape.v, shape.words, shape.parameters]).toEqual([0, 24, 28, 52, 39])
    const { w, bias, v } = linearParameters(shape, new Float32Array(52))
    expect([w.length, bias.length, v.length]).toEqual([24, 3, 21])
  })
})

describe('the five steps on two rows, by hand', () => {
  const rows = twoRows()
  const model = linearShape(rows.layout, 1, 3)
  const parameters = new Float64Array(model.words)
  const part = linearParameters(model, parameters)
  part.w.set([0.5, -1])
  part.bias.set([0.25])
  part.v.set([2, 0, -3])
  const z = new Float64Array(2)
  const dz = new Float64Array(2)
  const totals = Float64Array.of(10, 1)
  const gradient = new Float64Array(model.words)

  it('forward, loss, backprop', () => {
    forward(model, parameters, rows, z)
    // 0.5 − 2 + 0.25 + 2 and 1.5 + 1 + 0.25 − 3
    expect(Array.from(z)).toEqual([0.75, -0.25])
    lossAndGradient(createLoss('squared'), 1, rows, z, dz, totals)
    // z − y is −4.25 and 3.75; squared 18.0625 and 14.0625, with weights 1 and 0.5, on top of what was there.
    expect(Array.from(totals)).toEqual([10 + 18.0625 + 0.5 * 14.0625, 1 + 1.5])
    expect(Array.from(dz)).toEqual([-8.5, 3.75])
    backprop(model, rows, dz, gradient)
    const { w, bias, v } = linearParameters(model, gradient)
    expect(Array.from(w)).toEqual([-8.5 + 3 * 3.75, -17 - 3.75, 0, 0])
    expect(Array.from(bias)).toEqual([-8.5 + 3.75])
    expect(Array.from(v)).toEqual([-8.5, 0, 3.75])
  })

  it('forward and backprop of a category that a feature scales', () => {
    // The slot's weights are multiplied by the second feature, 2 in the first row and −1 in the second.
    const scaled: EncodedRows = { ...rows, layout: rowLayout(2, 1, [1]) }
    forward(model, parameters, scaled, z)
    // 0.5 − 2 + 0.25 + 2·2 and 1.5 + 1 + 0.25 + −1·−3
    expect(Array.from(z)).toEqual([2.75, 5.75])
    const slopes = new Float64Array(model.words)
    backprop(model, scaled, Float64Array.of(3, 5), slopes)
    expect(Array.from(linearParameters(model, slopes).v)).toEqual([6, 0, -5])
  })

  it('update changes its range only', () => {
    const weights = Float64Array.of(1, 2, 3, 4)
    update(weights, Float64Array.of(10, 20, 30, 40), 1, 3)
    expect(Array.from(weights)).toEqual([1, 22, 33, 4])
  })
})

describe('average', () => {
  it('adds by the tree ((0 + 1) + (2 + 3)) + …, written out', () => {
    const tree = (shards: number): string => {
      const sums = Array.from({ length: shards }, (_, shard) => String(shard))
      sumTree(shards, (into, from) => (sums[into] = `(${sums[into]!}+${sums[from]!})`))
      return sums[0]!
    }
    expect(tree(1)).toBe('0')
    expect(tree(2)).toBe('(0+1)')
    expect(tree(8)).toBe('(((0+1)+(2+3))+((4+5)+(6+7)))')
    expect(tree(5)).toBe('(((0+1)+(2+3))+4)')
  })

  it('rounds as the tree does, not as a running sum', () => {
    // In f32, 2^24 + 1 = 2^24: a running sum gives 2^24, the tree (2^24 + 1) + (1 + 1) gives 2^24 + 2.
    const partials = [2 ** 24, 1, 1, 1].map((x) => Float32Array.of(x, 2))
    expect(Array.from(averageTree(partials, 2))).toEqual([2 ** 23 + 1, 4])
  })

  it('is 0 where every weight is 0', () => {
    expect(Array.from(averageTree([Float64Array.of(0), Float64Array.of(0)], 0))).toEqual([0])
  })
})

describe('the smallest training loop', () => {
  it('is what the five steps do', () => {
    const layout = rowLayout(1, 0)
    const model = linearShape(layout, 1, 0)
    const random = uniform(3)
    const words = new Float32Array(100 * layout.strideWords)
    const indices = new Uint32Array(words.buffer)
    const parameters = new Float64Array(model.words)
    const change = new Float32Array(model.words)
    const gradientDescent = {
      ...{ preconditioner: () => 1, name: 'sgd', state: [], defaultLearningRate: 0.01 },
      descent: (step: Parameters<typeof descent>[1]): void => {
        for (let i = step.from; i < step.to; i++) step.change[i] = -step.learningRate * step.gradient[i]!
      },
    }
    let w = 0
    let b = 0
    for (let r = 0; r < 100; r++) {
      const x = Math.fround(2 * random() - 1)
      const y = Math.fround(3 * x + 1)
      words.set([x, 0, 0, 0, y, 1], r * layout.strideWords)

      const [z, dz, totals] = [new Float64Array(1), new Float64Array(1), new Float64Array(2)]
      const gradient = new Float32Array(model.words)
      const rows = { layout, words, indices, firstWord: r * layout.strideWords, count: 1 }
      forward(model, parameters, rows, z)
      lossAndGradient(createLoss('squared'), 1, rows, z, dz, totals)
      backprop(model, rows, dz, gradient)
      averageTree([gradient], totals[1]!)
      const range = { from: 0, to: model.words, learningRate: 0.01, step: r + 1, penalties: noPenalties }
      descent(gradientDescent, { weights: new Float32Array(0), gradient, state: [], change, ...range })
      update(parameters, change, 0, model.words)

      // Oracle: the loop written out, in f64.
      const predicted = x * w + b
      const loss = (predicted - y) ** 2
      w -= 0.01 * 2 * x * (predicted - y)
      b -= 0.01 * 2 * (predicted - y)

      // The gradient and the change are rounded to f32 in every step: |gradient| ≤ 8, so that a step adds at most
      // 2 · 2^−24 · 8 · 0.01 to the error of w and b, which descent itself only shrinks.
      const bound = (r + 1) * 2 * 2 ** -24 * 0.08
      expect(Math.abs(parameters[model.w]! - w)).toBeLessThanOrEqual(bound)
      expect(Math.abs(parameters[model.bias]! - b)).toBeLessThanOrEqual(bound)
      // d(loss) = 2(ŷ − y)·dŷ, with |ŷ − y| ≤ 4 and dŷ ≤ 2 · bound of the step before.
      expect(Math.abs(totals[0]! - loss)).toBeLessThanOrEqual(16 * bound)
    }
    expect(Math.abs(w - 3)).toBeLessThan(2)
  })
})
