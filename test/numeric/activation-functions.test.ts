import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalDistribution } from '../../src/numeric/normal-distribution.js'
import { tanh } from '../../src/numeric/tanh.js'

type Table = [argument: number, value: number][]
// Oracle: mpmath with 50 digits (test/golden/activations.py), rounded once to f64.
const golden = JSON.parse(readFileSync(new URL('../golden/activations.json', import.meta.url), 'utf8')) as {
  tanh: Table
  normalDistribution: Table
}

function largest(table: Table, error: (argument: number, value: number) => number): number {
  expect(table.length).toBeGreaterThan(300)
  return Math.max(...table.map(([argument, value]) => error(argument, value)))
}

describe('tanh', () => {
  it('has a relative error below 3 ulp', () => {
    expect(largest(golden.tanh, (x, value) => Math.abs(tanh(x) / value - 1))).toBeLessThan(3 * 2 ** -52)
  })

  it.each([
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
  ])('tanh(%d) = %d', (x, value) => {
    expect(tanh(x)).toBe(value)
  })
})

describe('normalDistribution', () => {
  it('has an error below 2^−51, and a relative one below 2^−42', () => {
    const table = golden.normalDistribution
    expect(largest(table, (z, value) => Math.abs(normalDistribution(z) - value))).toBeLessThan(2 ** -51)
    expect(largest(table, (z, value) => Math.abs(normalDistribution(z) / value - 1))).toBeLessThan(2 ** -42)
  })

  it.each([
    [0, 0.5],
    [Infinity, 1],
    [-Infinity, 0],
    [40, 1],
    [-40, 0],
    [NaN, NaN],
  ])('Φ(%d) = %d', (z, value) => {
    expect(normalDistribution(z)).toBe(value)
  })
})
