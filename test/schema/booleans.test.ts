/** Words of booleans; expected values by hand. */
import { describe, expect, it } from 'vitest'
import { areBooleans, parseBoolean, spellings, truthOf } from '../../src/schema/booleans.js'

describe('booleans', () => {
  it('are six words in any case, with blanks around them', () => {
    expect(['true', 'TRUE', ' True\t', 'yes', 'YES', 't', 'T'].map(truthOf)).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(['false', 'False', 'no', 'NO', 'f', 'F'].map(truthOf)).toEqual([0, 0, 0, 0, 0, 0])
    expect(['', 'y', 'n', 'on', '1', 'truefalse', 'tr ue', '__proto__'].map(truthOf)).toEqual(
      Array.from({ length: 8 }, () => undefined),
    )
  })

  it('are the numbers 1 and 0 too', () => {
    expect(parseBoolean('1', 1)).toBe(1)
    expect(parseBoolean('0.0', 0)).toBe(0)
    expect(parseBoolean('2', 2)).toBeUndefined()
    expect(parseBoolean('yes', NaN)).toBe(1)
  })

  it('have every spelling once', () => {
    const truths = [...spellings.values()]
    // 2^5 + 2^2 + 2^1 and 2^4 + 2^3 + 2^1.
    expect([0, 1].map((truth) => truths.filter((one) => one === truth).length)).toEqual([38, 26])
    expect(spellings.get('tRUe')).toBe(1)
  })

  it('make a pair of classes, no before yes', () => {
    expect(areBooleans(['No', 'YES'])).toBe(true)
    expect([['yes', 'no'], ['no', 'maybe'], ['0', '1'], ['no']].map(areBooleans)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})
