import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOptimizer, type OptimizerName } from '../../src/optimizer/index.js'
import {
  defaultBatchSize,
  defaultEpochs,
  defaultL2,
  defaultLearningRate,
  defaultSchedule,
  type TrainingTask,
} from '../../src/options/training-defaults.js'

/** By hand, from the rule in docs/defaults.md. */
const cases: [string, TrainingTask, { batchSize: number; epochs: number }][] = [
  ['a stream is passed over once', { rows: undefined }, { batchSize: 4096, epochs: 1 }],
  ['three million flights', { rows: 3_000_000 }, { batchSize: 4096, epochs: 1 }],
  ['a million rows', { rows: 1_000_000 }, { batchSize: 4096, epochs: 1 }],
  ['54,000 rows: 256 · 200 is below them, 512 · 200 is not', { rows: 54_000 }, { batchSize: 256, epochs: 9 }],
  ['344 penguins', { rows: 344 }, { batchSize: 32, epochs: 50 }],
  ['no row', { rows: 0 }, { batchSize: 32, epochs: 50 }],
  ['patience', { rows: 344, patience: 3 }, { batchSize: 32, epochs: 1000 }],
  ['a network on a stream', { rows: undefined, inputs: 8 }, { batchSize: 1024, epochs: 1 }],
  ['a network on 3,000,000 rows', { rows: 3_000_000, inputs: 40 }, { batchSize: 1024, epochs: 1 }],
  ['a network on 60,000 rows of 9 numbers', { rows: 60_000, inputs: 9 }, { batchSize: 256, epochs: 67 }],
  ['a network on 60,000 images', { rows: 60_000, inputs: 784 }, { batchSize: 256, epochs: 11 }],
  ['a network on 344 rows', { rows: 344, inputs: 8 }, { batchSize: 32, epochs: 100 }],
]

describe('the rule for batch size and epochs', () => {
  for (const [name, task, expected] of cases) {
    it(name, () => {
      expect({ batchSize: defaultBatchSize(task), epochs: defaultEpochs(task) }).toEqual(expected)
    })
  }

  it('more rows never mean more epochs or smaller mini-batches', () => {
    const count = fc.nat({ max: 10_000_000 })
    fc.assert(
      fc.property(count, count, fc.constantFrom(undefined, 4, 5000), (one, other, inputs) => {
        const few = { rows: Math.min(one, other), inputs }
        const many = { rows: Math.max(one, other), inputs }
        expect(defaultEpochs(many)).toBeLessThanOrEqual(defaultEpochs(few))
        expect(defaultBatchSize(many)).toBeGreaterThanOrEqual(defaultBatchSize(few))
      }),
    )
  })
})

/** By hand, from docs/defaults.md. */
describe('the rule for schedule, learning rate and penalty', () => {
  it.each<[string, TrainingTask, string]>([
    ['a file', { rows: 1000 }, 'cosine'],
    ['a network on a file', { rows: 1000, inputs: 4 }, 'cosine'],
    ['a stream', { rows: undefined }, 'constant'],
    ['patience', { rows: 1000, patience: 5 }, 'constant'],
    ['l1', { rows: 1000, l1: 1e-6 }, 'constant'],
  ])('%s', (_name, task, schedule) => {
    expect(defaultSchedule(task)).toBe(schedule)
  })

  it.each<[OptimizerName, 'cosine' | 'linear' | 'constant' | 'one-cycle', number]>([
    ['adagrad', 'cosine', 0.2],
    ['adagrad', 'linear', 0.2],
    ['adagrad', 'constant', 0.1],
    ['adam', 'cosine', 0.002],
    ['adam', 'one-cycle', 0.001],
    ['sgd', 'cosine', 0.03],
  ])('%s, %s', (name, schedule, rate) => {
    expect(defaultLearningRate(createOptimizer(name, {}), schedule)).toBe(rate)
  })

  it.each<[string, TrainingTask, OptimizerName, number]>([
    ['a linear model', { rows: 1000 }, 'adagrad', 0],
    ['a network that meets its rows once', { rows: 4_000_000, inputs: 4 }, 'adam', 0],
    ['a network', { rows: 1000, inputs: 4 }, 'adam', 0.001],
    ['no row', { rows: 0, inputs: 4 }, 'adam', 1],
    ['a stream', { rows: undefined, inputs: 4 }, 'adam', 0],
    ['an l1 penalty', { rows: 1000, inputs: 4, l1: 0.1 }, 'adam', 0],
    ['weight decay', { rows: 1000, inputs: 4, weightDecay: 0.1 }, 'adam', 0],
    ['weight decay of the optimizer', { rows: 1000, inputs: 4 }, 'adamw', 0],
    ['weight decay that is refused', { rows: 1000, inputs: 4, weightDecay: 0 }, 'adamw', 0.001],
  ])('%s', (_name, task, optimizer, l2) => {
    expect(defaultL2(task, createOptimizer(optimizer, {}))).toBe(l2)
  })
})
