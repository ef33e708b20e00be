/** What the watch says of streams made here: which of them drift or are sorted follows from how they are made. */
import { describe, expect, it } from 'vitest'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { OrderWatch } from '../../src/flow/order-watch.js'
import { Purpose, randomFraction } from '../../src/numeric/random.js'
import type { Schema, TargetColumn } from '../../src/schema/schema.js'
import { rowLayout } from '../../src/step/rows.js'
import { block } from './blocks.js'

const dialect = {
  delimiter: ',',
  quote: '"',
  comment: undefined,
  decimal: '.',
  header: true,
  missingTokens: [],
} as const
const number = { kind: 'number', mean: 0, scale: 1, fill: 0, limit: null } as const
const ROWS_A_BLOCK = 512
const BLOCKS = 400
const layout = rowLayout(3, 0)
const memory = new SharedMemory(compileKernel())
const rows = memory.allocate('rows', ROWS_A_BLOCK * layout.strideWords * 4)

/** Uniform with mean 0 and deviation 1. */
const noise = (row: number, index: number): number =>
  (randomFraction(1, Purpose.Validation, index, row) - 0.5) * Math.sqrt(12)

/** Shows the watch a stream whose row i has these features and this label; returns what it warns of. */
function warnings(
  target: TargetColumn,
  feature: (row: number, of: number) => number,
  label: (row: number, of: number) => number,
  standardized = true,
): string[] {
  const schema: Schema = {
    dialect,
    columns: [
      { ...number, name: 'steady', indicator: false },
      { ...number, name: 'x', indicator: true },
    ],
    interactions: [],
    target,
  }
  const watch = new OrderWatch(memory, schema, layout, standardized)
  const f32 = memory.f32(rows)
  const found: string[] = []
  for (let b = 0; b < BLOCKS; b++) {
    for (let i = 0; i < ROWS_A_BLOCK; i++) {
      const row = b * ROWS_A_BLOCK + i
      const word = i * layout.strideWords
      f32[word] = noise(row, 1)
      f32[word + 1] = feature(row, BLOCKS * ROWS_A_BLOCK)
      // Nearly always missing: that is no drift.
      f32[word + 2] = 1
      f32[word + layout.labelWord] = label(row, BLOCKS * ROWS_A_BLOCK)
    }
    watch.see(block(0, ROWS_A_BLOCK, 1, false, rows.start))
    found.push(...watch.take().map(({ message }) => message))
  }
  return found
}

const price: TargetColumn = { kind: 'number', name: 'price', mean: 0, scale: 1 }
const late: TargetColumn = { kind: 'binary', name: 'late', classes: ['0', '1'] }
const steady = (row: number): number => noise(row, 2)
const coin = (row: number): number => (noise(row, 3) > 1 ? 1 : 0)

describe('a stream', () => {
  it('in a random order is not warned of', () => {
    expect(warnings(price, steady, (row) => noise(row, 3))).toEqual([])
    expect(warnings(late, steady, coin)).toEqual([])
  })

  it('whose feature moves away from the sample drifts, and is warned of once', () => {
    const found = warnings(late, (row, of) => noise(row, 2) + (2 * row) / of, coin)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^the rows drift: up to row \d+, "x" is 0\.[56] deviations above its mean/)
    expect(warnings(late, (row, of) => noise(row, 2) - (2 * row) / of, coin)[0]).toContain('below')
  })

  it('of numbers that were not standardised is not compared with the sample', () => {
    expect(warnings(late, (row) => noise(row, 2) + 100, coin, false)).toEqual([])
  })

  it('sorted by its target is warned of, for numbers and classes', () => {
    const sorted = warnings(price, steady, (row, of) => noise(row, 3) + (4 * row) / of)
    expect(sorted).toEqual([expect.stringMatching(/^the target "price" looks sorted: .* explains \d+ %/)])
    // Long runs of each class.
    const runs = warnings(late, steady, (row) => Math.floor(row / 20_000) % 2)
    expect(runs).toEqual([expect.stringMatching(/^the target "late" looks sorted/)])
  })
})
