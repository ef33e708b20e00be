/** Runs of `train` with l1: what of the model is exactly 0. */
import { describe, expect, it } from 'vitest'
import type { TrainOptions } from '../../src/options.js'
import { fit } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { write } = temporaryFolder()

// By construction: y depends on `x` and on whether `k` is even; `noise` and `n` have nothing to do with it.
const ROWS = 4000
const lines = ['x,noise,k,n,y']
for (let i = 0; i < ROWS; i++) {
  const x = scattered(i) - 0.5
  const noise = scattered(i, 0.7548776662) - 0.5
  const k = Math.floor(scattered(i, 0.5698402909) * 20)
  const n = Math.floor(scattered(i, 0.8191725134) * 20)
  lines.push(`${x.toFixed(4)},${noise.toFixed(4)},k${k},n${n},${(4 * x + (k % 2 ? 3 : -3)).toFixed(4)}`)
}
const input = write('sparse.csv', lines.join('\n'))

async function zerosOf(options: Partial<TrainOptions>) {
  const model = await fit({ input, target: 'y', workers: 1, epochs: 20, batchSize: 100, ...options })
  // Two columns of numbers, in the order of the file.
  const numbers = [...model.weights].map((weight) => weight === 0)
  const categories = [...model.categoryWeights].filter((weight) => weight === 0).length
  return { numbers, categories, all: model.categoryWeights.length }
}

describe.each<[string, Partial<TrainOptions>]>([
  ['few categories, in the dense block', {}],
  ['places for many, sparse', { hashBits: 13 }],
])('l1 with %s', (_name, shape) => {
  it.each<[TrainOptions['optimizer'], number]>([
    ['adagrad', 0.05],
    ['sgd', 0.05],
    ['ftrl', 10],
  ])('%s sets to 0 what is of no use, and only that', async (optimizer, l1) => {
    const learningRate = optimizer === 'sgd' ? 0.03 : 0.3
    const { numbers, categories, all } = await zerosOf({ ...shape, optimizer, l1, learningRate })
    expect(numbers).toEqual([false, true])
    // All but the 20 values of k.
    expect(categories).toBe(all - 20)
  })
})
