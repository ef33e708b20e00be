import { describe, expect, it } from 'vitest'
import { flagOf, showError } from '../../src/cli/show-error.js'
import { printable, runError, shown, usageError } from '../../src/errors.js'
import { captureTerminal } from '../report/capture.js'

function show(error: unknown): { code: number; text: string } {
  const terminal = captureTerminal()
  const code = showError(error, terminal)
  expect(terminal.outText()).toBe('')
  return { code, text: terminal.errText() }
}

describe('showError', () => {
  it('says what, where and what to do; a failed run is 1', () => {
    const place = { file: 'flights.csv', line: 12, byte: 431, column: 'hour' }
    expect(show(runError('not-a-number', 'expected a number, found "noon"', 'mend the row', place))).toEqual({
      code: 1,
      text:
        'error: expected a number, found "noon"\n' +
        '  at flights.csv, line 12, byte 431, column "hour"\n' +
        '  hint: mend the row\n',
    })
  })

  it('names an option as it is typed; wrong usage is 2', () => {
    const error = usageError('OPTION_VALUE', 'batchSize: expected more, got 0', '', { option: 'batchSize' })
    expect(show(error)).toEqual({ code: 2, text: 'error: --batch-size: expected more, got 0\n' })
    const input = usageError('OPTION_VALUE', 'input: expected one path', '', { option: 'input' })
    expect(show(input).text).toBe('error: input: expected one path\n')
  })

  it('escapes control characters of names and values', () => {
    const error = runError('x', 'no column "a\u001b[2J\nb"', 'is it "\u202ec"?', { file: 'f\r.csv' })
    expect(show(error).text).toBe(
      'error: no column "a\\u001b[2J\\nb"\n  at f\\r.csv\n  hint: is it "\\u202ec"?\n',
    )
  })

  it('shows what the operating system says without a stack', () => {
    const error = Object.assign(new Error("ENOENT: no such file, open 'x'"), {
      code: 'ENOENT',
      syscall: 'open',
    })
    const { code, text } = show(error)
    expect(code).toBe(1)
    expect(text).toMatch(/^error: ENOENT: no such file, open 'x'\n {2}hint: /)
    expect(text).not.toMatch(/^\s+at /m)
  })

  it('owns up to its own faults, with the stack', () => {
    const { code, text } = show(new TypeError('x is not a function'))
    expect(code).toBe(1)
    expect(text).toMatch(/^error: this is a fault of millrace, please report it/)
    expect(text).toMatch(/TypeError: x is not a function\n\s+at /)
    expect(show('a text').text).toMatch(/a text\n$/)
    expect(show(new TypeError('\u001b[2J')).text).not.toContain('\u001b')
  })
})

describe('flagOf', () => {
  it.each([
    ['seed', '--seed'],
    ['batchSize', '--batch-size'],
    ['onBadRow', '--on-bad-row'],
    ['l2', '--l2'],
  ])('%s is %s', (option, flag) => {
    expect(flagOf(option)).toBe(flag)
  })
})

describe('printable and shown', () => {
  it.each([
    ['late', 'late'],
    ['a\tb', 'a\\tb'],
    ['\u0000\u007f\u0085', '\\u0000\\u007f\\u0085'],
    ['日本 é 🙂 ❤️', '日本 é 🙂 ❤️'],
    ['a\u200b\u2066\u00ad\ufeffb', 'a\\u200b\\u2066\\u00ad\\ufeffb'],
    ['\u{e0041}\ud83d', '\\u{e0041}\\ud83d'],
  ])('%j is printed as %s', (text, printed) => {
    expect(printable(text)).toBe(printed)
  })

  it.each<[unknown, string]>([
    ['a"b', '"a\\"b"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [`${'x'.repeat(59)}🙂`, `"${'x'.repeat(59)}…"`],
    [NaN, 'NaN'],
    [undefined, 'undefined'],
    [['a', 1], '["a", 1]'],
    [[1, 2, 3, 4, 5, 6], '[1, 2, 3, 4, 5, …]'],
    [{}, 'an object'],
    [() => 1, 'a function'],
  ])('%j is shown as %s', (value, text) => {
    expect(shown(value)).toBe(text)
  })
})
