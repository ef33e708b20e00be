import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatMetric,
  formatSeconds,
  formatShare,
  formatShort,
  shellWord,
} from '../../src/report/format.js'

// Every expected text is written by hand from the format that the function's comment names.
describe('formats', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [2700211, '2,700,211'],
    [1234567890, '1,234,567,890'],
  ])('count %d', (value, text) => {
    expect(formatCount(value)).toBe(text)
  })

  it.each([
    [0, '0'],
    [512, '512'],
    [999.4, '999'],
    [999.6, '1.00 k'],
    [1_410_000, '1.41 M'],
    [99_960, '100 k'],
    [9_996, '10.0 k'],
    [999_600, '1.00 M'],
    [5e15, '5000 T'],
  ])('short %d', (value, text) => {
    expect(formatShort(value)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [97_200_000, '97.2 MB'],
    [1e10, '10.0 GB'],
  ])('bytes %d', (value, text) => {
    expect(formatBytes(value)).toBe(text)
  })

  it.each([
    [0, '0.0 s'],
    [2.14, '2.1 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1:00'],
    [187, '3:07'],
    [3599.6, '1:00:00'],
    [3729, '1:02:09'],
  ])('seconds %d', (value, text) => {
    expect(formatSeconds(value)).toBe(text)
  })

  it.each([
    [0, '0'],
    [0.4785, '0.4785'],
    [0.00012345, '0.0001234'],
    [0.05, '0.05'],
    [3.1e-9, '3.100e-9'],
    [-0.25, '-0.2500'],
    [12.3456, '12.346'],
    [123.456, '123.46'],
    [1234, '1234.0'],
    [12345678, '1.235e+7'],
    [NaN, 'n/a'],
    [Infinity, 'Infinity'],
  ])('metric %d', (value, text) => {
    expect(formatMetric(value)).toBe(text)
  })

  it('share', () => {
    expect(formatShare(0.474)).toBe('47 %')
  })

  it.each([
    ['flights.safetensors', 'flights.safetensors'],
    ['my model.safetensors', "'my model.safetensors'"],
    ["it's", "'it'\\''s'"],
    ['$HOME', "'$HOME'"],
    ['', "''"],
  ])('shell word %j', (word, text) => {
    expect(shellWord(word)).toBe(text)
  })
})
