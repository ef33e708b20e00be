import { describe, expect, it } from 'vitest'
import { colorsOf, displayWidth, fit, isLive, pad, widthOf } from '../../src/report/terminal.js'

const write = (): void => {}

describe('displayWidth, fit, pad', () => {
  // Oracle: Unicode Standard Annex 11, East Asian Width: W and F take two cells; combining marks none.
  it.each([
    ['', 0],
    ['late', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['한글', 4],
    ['🙂', 2],
    ['━─…·', 4],
    ['\u001b[36mlate\u001b[39m', 4],
  ])('%j takes %i cells', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  it.each([
    ['late', 4, 'late'],
    ['later', 4, 'lat…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['late', 1, '…'],
    ['late', 0, ''],
  ])('%j in %i cells is %j', (text, width, fitted) => {
    expect(fit(text, width)).toBe(fitted)
    expect(displayWidth(fit(text, width))).toBeLessThanOrEqual(width)
  })

  it('pads by cells', () => {
    expect(pad('日本', 6)).toBe('日本  ')
    expect(pad('later', 3)).toBe('later')
  })
})

describe('colorsOf, isLive, widthOf', () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: '1' }, false],
    [{ isTTY: true }, { NO_COLOR: '' }, true],
    [{ isTTY: true }, { TERM: 'dumb' }, false],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
    [{}, { FORCE_COLOR: '1' }, true],
    [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [{}, { FORCE_COLOR: '0' }, false],
  ])('%j with %j: %s', (shape, env, colored) => {
    expect(colorsOf({ write, ...shape }, env).red('x') !== 'x').toBe(colored)
  })

  it('writes over a line only where that works', () => {
    expect(isLive({ write, isTTY: true }, {})).toBe(true)
    expect(isLive({ write, isTTY: true }, { TERM: 'dumb' })).toBe(false)
    expect(isLive({ write }, {})).toBe(false)
  })

  it('has a width where the output tells none', () => {
    expect(widthOf({ write, columns: 57 })).toBe(57)
    expect(widthOf({ write })).toBe(100)
    expect(widthOf({ write, columns: 0 })).toBe(100)
  })
})
