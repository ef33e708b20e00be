import { describe, expect, it } from 'vitest'
import { inputStrengths } from '../../src/inspect/input-strengths.js'
import type { NetworkModel } from '../../src/model/index.js'
import type { Schema } from '../../src/schema/index.js'
import { doneEvent, schema } from '../report/events.js'

/** A number with an indicator, and a category of two values, without buckets, and "missing". */
const small: Schema = {
  ...schema,
  columns: [
    { kind: 'number', name: 'x', mean: 0, scale: 1, fill: 0, indicator: true, limit: null },
    { kind: 'category', name: 'c', values: ['a', 'b'], buckets: 0 },
    { kind: 'target', name: 'late' },
  ],
}

function network(
  embedding: number,
  weights: number[],
  categoryWeights: number[],
  changes = {},
): NetworkModel {
  return {
    ...doneEvent.model,
    kind: 'network',
    schema: { ...small, ...changes },
    network: { hidden: [2], activation: 'relu', layerNorm: false, embedding },
    layers: [
      { weights: Float32Array.from(weights), bias: new Float32Array(2) },
      { weights: new Float32Array(2), bias: new Float32Array(1) },
    ],
    categoryWeights: Float32Array.from(categoryWeights),
  }
}

describe('inputStrengths', () => {
  it('are norms of the weights of the first layer; of a category the root mean square over its values', () => {
    // x: 1, 2 and, where it is missing, 2, 4: √(1 + 4 + 4 + 16) = 5. c: norms² 9, 16, 11, whose mean is 12.
    const model = network(0, [1, 2, 2, 4], [3, 0, 0, 4, 1, Math.sqrt(10)])
    expect(inputStrengths(model)).toEqual([
      { column: 'x', strength: 5 },
      { column: 'c', strength: expect.closeTo(Math.sqrt(12), 6) as number },
    ])
  })

  it('go through the embedding where there is one', () => {
    // The embedding is one number v, which adds v·(3, 4): norm² 25·v², with v² of 4, 0 and 2 in the mean 50.
    const model = network(1, [0, 0, 0, 0, 3, 4], [2, 0, Math.SQRT2])
    expect(inputStrengths(model)).toEqual([
      { column: 'c', strength: expect.closeTo(Math.sqrt(50), 5) as number },
      { column: 'x', strength: 0 },
    ])
  })

  it('look at the buckets that all columns share where there are some', () => {
    // Two buckets in front, then "missing" of the column, which has no values of its own.
    const columns = [{ kind: 'category', name: 'c', values: [], buckets: 0 }]
    const model = network(0, [], [1, 1, 3, 1, 100, 100], { columns, sharedBuckets: 2 })
    expect(inputStrengths(model)).toEqual([
      { column: 'c', strength: expect.closeTo(Math.sqrt(6), 6) as number },
    ])
  })
})
