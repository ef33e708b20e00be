import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, nearest } from '../src/suggest.js'

/** The definition by recursion on prefixes: the oracle, exponential but plain. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [restA, restB] = [a.slice(0, -1), b.slice(0, -1)]
  const choices = [
    slowDistance(restA, b) + 1,
    slowDistance(a, restB) + 1,
    slowDistance(restA, restB) + (a.at(-1) === b.at(-1) ? 0 : 1),
  ]
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    choices.push(slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1)
  }
  return Math.min(...choices)
}

describe('editDistance', () => {
  // By hand; "ca" → "abc" is 3 where no part is edited twice (it is 2 in the unrestricted distance).
  it.each([
    ['', '', 0],
    ['late', 'late', 0],
    ['late', 'lat', 1],
    ['lat', 'late', 1],
    ['late', 'lare', 1],
    ['late', 'alte', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%j → %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  it('is the recursive definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(slowDistance(a, b))
      }),
      { numRuns: 200 },
    )
  })
})

describe('nearest', () => {
  const columns = ['month', 'dayofweek', 'hour', 'distance', 'origin', 'destination', 'delay', 'late']

  // By judgement: the name that a person would have meant.
  it.each([
    ['dealy', 'delay'],
    ['Late', 'late'],
    ['lat', 'late'],
    ['day_of_week', 'dayofweek'],
    ['destinaton', 'destination'],
    ['hours', 'hour'],
  ])('%j was meant to be %j', (name, meant) => {
    expect(nearest(name, columns)).toBe(meant)
  })

  it.each(['price', '', 'x', 'zzzzzzzzzzzz'])('%j is near to nothing', (name) => {
    expect(nearest(name, columns)).toBeUndefined()
  })

  it('prefers the name that is nearer as written among those that differ in case', () => {
    expect(nearest('LATE', ['late', 'Late', 'LaTE'])).toBe('LaTE')
  })
})

describe('didYouMean', () => {
  it('names the nearest, or what there is', () => {
    expect(didYouMean('dealy', ['hour', 'delay'])).toBe('did you mean "delay"?')
    expect(didYouMean('price', ['hour', 'delay'])).toBe('choose from "hour", "delay"')
    expect(didYouMean('price', [])).toBe('there are none to choose from')
  })

  it('cuts what is too long to be read, and does not compare it', () => {
    // Compared, two texts of 10^7 characters take days.
    const [name, other] = ['a'.repeat(1e7), 'b'.repeat(1e7)]
    expect(didYouMean(name, [other, 'delay'])).toBe(`choose from "${'b'.repeat(60)}…", "delay"`)
  })

  it('names twelve at most', () => {
    const many = Array.from({ length: 14 }, (_, i) => `column${i}`)
    expect(didYouMean('price', many)).toMatch(/"column11" and 2 more$/)
  })
})
