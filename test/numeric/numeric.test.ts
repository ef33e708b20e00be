import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exp } from '../../src/numeric/exp.js'
import { log, log1p, pow } from '../../src/numeric/log.js'

type Table = [argument: number, value: number][]
// Oracle: Python's decimal module with 340 digits (test/golden/numeric.py), rounded once to f64.
const golden = JSON.parse(readFileSync(new URL('../golden/numeric.json', import.meta.url), 'utf8')) as {
  exp: Table
  log: Table
  log1p: Table
}

/** How many f64 lie between two numbers of one sign. */
function ulps(a: number, b: number): number {
  const bits = new BigInt64Array(new Float64Array([a, b]).buffer)
  return Math.abs(Number(bits[0]! - bits[1]!))
}

describe.each([
  ['exp', exp, golden.exp],
  ['log', log, golden.log],
  ['log1p', log1p, golden.log1p],
] as const)('%s', (_name, compute, table) => {
  // An error below 1 ulp of the exact value leaves at most the neighbour of the correctly rounded one.
  it('is the nearest f64 or its neighbour', () => {
    expect(table.length).toBeGreaterThan(300)
    for (const [argument, value] of table) {
      expect({ argument, ulps: ulps(compute(argument), value) <= 1 }).toEqual({ argument, ulps: true })
    }
  })

  it('is the nearest f64 nine times in ten', () => {
    const exact = table.filter(([argument, value]) => compute(argument) === value).length
    expect(exact / table.length).toBeGreaterThan(0.9)
  })
})

describe('special values, by IEEE 754-2019, section 9.2.1', () => {
  it.each([
    [exp, 0, 1],
    [exp, -0, 1],
    [exp, Infinity, Infinity],
    [exp, -Infinity, 0],
    [exp, NaN, NaN],
    [exp, 709.8, Infinity],
    [exp, -746, 0],
    [log, 1, 0],
    [log, 0, -Infinity],
    [log, -0, -Infinity],
    [log, Infinity, Infinity],
    [log, -1, NaN],
    [log, NaN, NaN],
    [log1p, 0, 0],
    [log1p, -0, -0],
    [log1p, -1, -Infinity],
    [log1p, -2, NaN],
    [log1p, Infinity, Infinity],
    [log1p, NaN, NaN],
  ])('%o(%d) = %d', (compute, argument, value) => {
    expect(compute(argument)).toBe(value)
  })
})

describe('pow', () => {
  it.each([
    [2, 10, 1024],
    [10, -3, 0.001],
    [7, 0, 1],
    [1, 123.456, 1],
    [4, 0.5, 2],
    [1e6, 0.25, 31.622776601683793],
  ])('%d ^ %d = %d, by hand', (base, exponent, value) => {
    // The exponent·log(base) carries two roundings of 1 ulp each, relative; exp turns them into absolute ones.
    const bound = (1 + 2 * Math.abs(exponent * Math.log(base))) * 2 ** -52
    expect(Math.abs(pow(base, exponent) / value - 1)).toBeLessThanOrEqual(bound)
  })
})
