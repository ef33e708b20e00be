import { describe, expect, it } from 'vitest'
import { largestPart, type Factors } from '../../src/engine/largest-part.js'
import { rowLayout } from '../../src/step/rows.js'

/** Two dense features, a category, and a category that dense feature 1 multiplies. */
const layout = rowLayout(2, 2, [1])
const rows = [
  { dense: [1, 2], slots: [0, 1] },
  { dense: [-3, 0], slots: [2, 3] },
]
const words = new Float32Array(rows.length * layout.strideWords)
const indices = new Uint32Array(words.buffer)
rows.forEach(({ dense, slots }, row) => {
  words.set(dense, row * layout.strideWords)
  indices.set(slots, row * layout.strideWords + layout.denseWords)
})
const views = { f32: words, u32: indices }
const stride = layout.strideWords * 4

function largest(dense: readonly number[], category: readonly number[]) {
  const factors: Factors = { outputs: 1, dense: (_k, d) => dense[d]!, category: (_k, i) => category[i]! }
  return largestPart([{ rows: 0, count: 2, first: 0 }], views, layout, factors)
}

describe('the largest part of a score', () => {
  // Every expected value by hand: |x·factor| over the rows above.
  it.each<[string, number[], number[], object]>([
    ['a dense feature', [2, 2], [1, 1, 1, 1], { row: stride, feature: { dense: 0 }, value: -3, factor: 2 }],
    ['a category', [1, 1], [1, 1, -9, 1], { row: stride, feature: { slot: 0 }, value: 1, factor: -9 }],
    [
      'a category that is multiplied',
      [1, 1],
      [1, 4, 1, 99],
      { row: 0, feature: { slot: 1 }, value: 2, factor: 4 },
    ],
    [
      'of the factors that are no number',
      [NaN, NaN],
      [1, Infinity, 1, 1],
      { feature: { dense: 0 }, value: -3 },
    ],
    [
      'of an f64, where an f32 has no room',
      [3e38, 1],
      [3.3e38, 1, 1, 1],
      { feature: { dense: 0 }, value: -3 },
    ],
  ])('may be %s', (_name, dense, category, expected) => {
    expect(largest(dense, category)).toMatchObject(expected)
  })

  it('is none where there is nothing but zeros', () => {
    const empty = { f32: new Float32Array(layout.strideWords), u32: new Uint32Array(layout.strideWords) }
    const factors: Factors = { outputs: 1, dense: () => NaN, category: () => 0 }
    const runs = [{ rows: 0, count: 1, first: 0 }]
    expect(largestPart(runs, empty, rowLayout(3, 0), factors)).toBeUndefined()
    expect(largestPart([], views, layout, factors)).toBeUndefined()
  })

  it('is told by the number of the row in the mini-batch, and by the output', () => {
    const factors: Factors = {
      outputs: 2,
      dense: (k, _feature, row) => (k === 1 && row === 8 ? 5 : 0),
      category: () => 0,
    }
    const found = largestPart([{ rows: 0, count: 2, first: 7 }], views, layout, factors)
    expect(found).toEqual({ row: stride, feature: { dense: 0 }, value: -3, factor: 5 })
  })
})
