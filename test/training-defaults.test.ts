import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultBatchSize, defaultEpochs } from '../src/training-defaults.js'

/** By hand, from the rule in docs/defaults.md. */
const cases: [string, Parameters<typeof defaultEpochs>[0], { batchSize: number; epochs: number }][] = [
  ['a stream is passed over once', { rows: undefined }, { batchSize: 4096, epochs: 1 }],
  ['three million flights', { rows: 3_000_000 }, { batchSize: 4096, epochs: 1 }],
  ['a million rows', { rows: 1_000_000 }, { batchSize: 4096, epochs: 1 }],
  ['54,000 rows: 256 · 200 is below them, 512 · 200 is not', { rows: 54_000 }, { batchSize: 256, epochs: 9 }],
  ['344 penguins', { rows: 344 }, { batchSize: 32, epochs: 50 }],
  ['no row', { rows: 0 }, { batchSize: 32, epochs: 50 }],
  ['patience', { rows: 344, patience: 3 }, { batchSize: 32, epochs: 1000 }],
  ['a network on a stream', { rows: undefined, hidden: [64] }, { batchSize: 1024, epochs: 1 }],
  ['a network on 3,000,000 rows', { rows: 3_000_000, hidden: [64] }, { batchSize: 1024, epochs: 1 }],
  ['a network on 60,000 rows', { rows: 60_000, hidden: [256, 128] }, { batchSize: 256, epochs: 33 }],
  ['a network on 344 rows', { rows: 344, hidden: [8] }, { batchSize: 32, epochs: 100 }],
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
      fc.property(count, count, fc.constantFrom(undefined, [64, 32]), (one, other, hidden) => {
        const few = { rows: Math.min(one, other), hidden }
        const many = { rows: Math.max(one, other), hidden }
        expect(defaultEpochs(many)).toBeLessThanOrEqual(defaultEpochs(few))
        expect(defaultBatchSize(many)).toBeGreaterThanOrEqual(defaultBatchSize(few))
      }),
    )
  })
})
