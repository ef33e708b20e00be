import { describe, expect, test } from 'vitest'
import { failPoint, readFailPoints } from '../src/fail-points.js'

/** Passages of 1 … 6 that fail, by hand from the meaning of each form. */
function failing(text: string): number[] {
  const [point] = readFailPoints(text).get('before parse')!
  return [1, 2, 3, 4, 5, 6].filter((passage) => point!.fails(passage))
}

describe('fail points', () => {
  test('do nothing where MILLRACE_FAIL is not set', () => {
    expect(process.env['MILLRACE_FAIL']).toBeUndefined()
    expect(() => failPoint('before parse')).not.toThrow()
  })

  test('fail at the passages that they name', () => {
    expect(failing('before parse=throw')).toEqual([1])
    expect(failing('before parse=throw@3')).toEqual([3])
    expect(failing(' before parse = throw@3+ ; after parse=exit')).toEqual([3, 4, 5, 6])
    expect(failing('before parse=throw@p0')).toEqual([])
    expect(failing('before parse=throw@p1')).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('fail with about the probability that they name, the same passages every time', () => {
    const [point] = readFailPoints('before parse=throw@p0.1').get('before parse')!
    const passages = Array.from({ length: 10_000 }, (_, passage) => point!.fails(passage + 1))
    const share = passages.filter(Boolean).length / passages.length
    // Six standard deviations of a binomial share: 6 · √(0.1 · 0.9 / 10 000) = 0.018.
    expect(Math.abs(share - 0.1)).toBeLessThan(0.018)
    expect(passages).toEqual(passages.map((_, passage) => point!.fails(passage + 1)))
  })

  test('throw what they are asked to', () => {
    const act = (action: string): (() => void) => {
      const [point] = readFailPoints(`after fsync=${action}`).get('after fsync')!
      return () => point!.act('after fsync')
    }
    expect(act('throw')).toThrow('the fail point "after fsync" was to throw')
    expect(act('trap')).toThrow(WebAssembly.RuntimeError)
    expect(act('ENOSPC')).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    expect(act('EIO')).toThrow('EIO: i/o error, write')
  })

  test.each([
    'before parsing=throw',
    'before parse=explode',
    'before parse=toString',
    'before parse',
    'before parse=throw@0',
    'before parse=throw@',
    'before parse=throw@p2',
    'before parse=throw@3-',
  ])('%s is refused', (text) => {
    expect(() => readFailPoints(text)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_FAIL_POINT', kind: 'usage' }),
    )
  })
})
