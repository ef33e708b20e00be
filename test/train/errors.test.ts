/** What a user is told about damaged input. The oracle of every place is the file, which the test wrote. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/errors.js'
import type { TrainOptions } from '../../src/options.js'
import { fit } from '../../src/train.js'
import { run } from '../cli/harness.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const out = join(folder, 'model.safetensors')

interface Damage {
  name: string
  /** The damaged record. */
  record: string
  code: string
  column: string | undefined
  /** Where in the record the field at fault starts; undefined: the place is not tested. */
  field: number
  found: string
  /** Line breaks of the record in front of that field. */
  lines?: number
}

// The columns are x (a number), c (texts), y (two classes).
const damages: Damage[] = [
  {
    name: 'too few fields',
    record: '1.5,plain',
    code: 'RAGGED_ROW',
    column: 'y',
    field: 9,
    found: 'found 2',
  },
  {
    name: 'too many fields',
    record: '1.5,plain,no,4',
    code: 'RAGGED_ROW',
    column: undefined,
    field: 13,
    found: 'found 4',
  },
  {
    name: 'a word for a number',
    record: '"wo""rd",plain,no',
    code: 'NOT_A_NUMBER',
    column: 'x',
    field: 0,
    found: 'wo',
  },
  {
    name: 'a missing target',
    record: '1.5,"a\nb",',
    code: 'MISSING_TARGET',
    column: 'y',
    field: 10,
    found: 'empty',
    lines: 1,
  },
  {
    name: 'text after a quote',
    record: '1.5,"a"b,no',
    code: 'TEXT_AFTER_QUOTE',
    column: 'c',
    field: 4,
    found: 'b',
  },
  {
    name: 'an unterminated quote',
    record: '1.5,"open,no',
    code: 'UNTERMINATED_QUOTE',
    column: 'c',
    field: 4,
    found: 'open',
  },
]

interface Form {
  rows: number
  at: number
  lineBreak: string
  start: string
  quotedEvery: number
}

/** A file with one damaged record, and where that record is. */
function damaged({ record }: Damage, { rows, at, lineBreak, start, quotedEvery }: Form) {
  const lines = [`${start}x,c,y`]
  for (let i = 0; i < rows; i++) {
    const text = quotedEvery > 0 && i % quotedEvery === 0 ? `"a${lineBreak}""b"""` : 'plain'
    lines.push(i === at ? record : `${scattered(i).toFixed(6)},${text},${i % 3 === 0 ? 'yes' : 'no'}`)
  }
  const before = `${lines.slice(0, at + 1).join(lineBreak)}${lineBreak}`
  return {
    text: lines.join(lineBreak) + lineBreak,
    byte: Buffer.byteLength(before),
    line: before.split('\n').length,
  }
}

async function errorOf(options: Omit<TrainOptions, 'target'>): Promise<MillraceError> {
  const error: unknown = await fit({ target: 'y', workers: 1, epochs: 1, out, ...options }).catch(
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(MillraceError)
  return error as MillraceError
}

const small = { rows: 60, at: 41, lineBreak: '\n', start: '', quotedEvery: 5 }
const forms: [string, Form][] = [
  ['a small file', small],
  ['CRLF and a byte order mark', { ...small, lineBreak: '\r\n', start: '\ufeff' }],
  ['the first row', { ...small, at: 0 }],
  ['the last row', { ...small, at: 59 }],
  // More than 2 MiB, beyond the size up to which borders are found by reading the file from its start.
  ['the middle of a large file', { ...small, rows: 130_000, at: 70_001 }],
]

describe.each(damages)('$name', (damage) => {
  it.each(forms)('in %s is shown with its place', async (_name, form) => {
    // After an unclosed quote the next quote in the file closes it; here there is none.
    const unterminated = damage.code === 'UNTERMINATED_QUOTE'
    const large = form.rows > 1000
    const { text, byte, line } = damaged(damage, unterminated ? { ...form, quotedEvery: 0 } : form)
    if (large) expect(text.length).toBeGreaterThan(2 << 20)
    const input = write('damaged.csv', text)
    for (const options of large && !unterminated ? [{}] : [{}, { shuffle: false }]) {
      const error = await errorOf({ input, ...options })
      expect(error).toMatchObject({ code: damage.code, kind: 'run' })
      expect(error.place).toEqual({
        file: input,
        line: line + (damage.lines ?? 0),
        byte: byte + damage.field,
        ...(damage.column === undefined ? {} : { column: damage.column }),
      })
      expect(error.message).toContain(damage.found)
      expect(error.hint).not.toBe('')
    }
    expect(existsSync(out)).toBe(false)
  })
})

describe('other damage', () => {
  it('a class that the sample does not hold', async () => {
    // 4 MiB are sampled, in 256 places: of 5.5 MB and more, the last row is not among them.
    const form = { ...small, rows: 300_000, at: 299_999 }
    const { text, byte, line } = damaged({ ...damages[0]!, record: '1.5,"a\n\nb",nope' }, form)
    expect(text.length).toBeGreaterThan(5.5e6)
    const input = write('class.csv', text)
    const error = await errorOf({ input, batchSize: 4096, shuffle: false })
    expect(error).toMatchObject({
      code: 'UNKNOWN_CLASS',
      message: expect.stringContaining('found "nope"') as string,
    })
    expect(error.place).toEqual({ file: input, line: line + 2, byte: byte + 11, column: 'y' })
  })

  it('a record longer than a block', async () => {
    const input = write('long.csv', `x,y\n1,a\n2,b\n${'3'.repeat(500)},a\n`)
    const error = await errorOf({ input, blockBytes: 100, shuffle: false })
    expect(error).toMatchObject({ code: 'RECORD_TOO_LONG', place: { file: input, line: 4, byte: 12 } })
  })

  it('a quote that is open for longer than a block', async () => {
    const input = write('long-quote.csv', `x,c,y\n1,"v\nw",a\n2,v,b\n3,"${'q\n'.repeat(200)}",a\n`)
    const error = await errorOf({ input, blockBytes: 100, shuffle: false })
    expect(error.code).toBe('UNTERMINATED_QUOTE')
    expect(error.place).toEqual({ file: input, line: 5, byte: 24, column: 'c' })
    expect(error.message).toContain('within 100 bytes')
  })

  it('files with different columns', async () => {
    const input = [write('a.csv', 'xs,y\n1,a\n2,b\n'), write('b.csv', 'y,sx\na,1\n')]
    const plain = [write('a0.csv', '1,a\n2,b\n'), write('b0.csv', '1,a,3\n')]
    for (const options of [{}, { shuffle: false }]) {
      expect(await errorOf({ input, ...options })).toMatchObject({
        code: 'MISSING_COLUMN',
        place: { file: input[1] },
        hint: 'did you mean "sx"?',
      })
      const withoutHeader = fit({ input: plain, header: false, target: 'c1', workers: 1, ...options })
      await expect(withoutHeader).rejects.toMatchObject({ code: 'COLUMNS_DIFFER', place: { file: plain[1] } })
    }
  })

  it('no such file, a folder, a glob that matches nothing', async () => {
    expect(await errorOf({ input: join(folder, 'none.csv') })).toMatchObject({
      code: 'FILE_NOT_FOUND',
      kind: 'run',
    })
    expect(await errorOf({ input: folder })).toMatchObject({ code: 'NOT_A_FILE', kind: 'run' })
    expect(await errorOf({ input: join(folder, 'none-*.csv') })).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  it('a target that is not a number, of one class, with nothing to learn from', async () => {
    const input = write('targets.csv', 'x,y,one\n1,a,k\n2,b,k\n')
    expect(await errorOf({ input, loss: 'squared' })).toMatchObject({
      code: 'TARGET_NOT_A_NUMBER',
      kind: 'usage',
    })
    await expect(fit({ input, target: 'one', workers: 1 })).rejects.toMatchObject({
      code: 'WRONG_NUMBER_OF_CLASSES',
    })
    expect(await errorOf({ input, ignore: ['x', 'one'] })).toMatchObject({ code: 'NO_FEATURES' })
  })
})

describe('on the command line', () => {
  const trainOn = (text: string, ...args: string[]) =>
    run('train', write('cli.csv', text), '--target', 'y', '--quiet', '--workers', '1', '-o', out, ...args)

  it.each([
    ['a ragged row', 'x,y\n1,a\n2,b\n3\n', 'expected 2 fields, found 1', 'line 4, byte 13, column "y"'],
    [
      'a word',
      'x,y\n1,a\n2,b\n3,a\nfour,b\n5,a\n',
      'expected a number, found "four"',
      'line 5, byte 16, column "x"',
    ],
    [
      'a missing target',
      'x,y\n1,a\n2,b\n3,\n',
      'expected a value of the target',
      'line 4, byte 14, column "y"',
    ],
    [
      'an unterminated quote',
      'x,y\n1,a\n2,b\n3,"a\n',
      'expected a closing quote',
      'line 4, byte 14, column "y"',
    ],
  ])('%s ends the run with 1 and leaves the old model', async (_name, text, message, place) => {
    const old = write('model.safetensors', 'the model before')
    const { code, out: data, err } = await trainOn(text)
    expect([code, data]).toEqual([1, ''])
    expect(err).toContain(message)
    expect(err).toContain(`cli.csv, ${place}\n`)
    expect(err).toContain('hint: ')
    expect(err).not.toMatch(/^\s+at .*[:(]\d+/m)
    expect(readFileSync(old, 'utf8')).toBe('the model before')
  })

  it.each([
    ['a column', ['--ignore', 'amuont'], 'amount'],
    ['an option', ['--bach-size', '3'], '--batch-size'],
    ['a loss', ['--loss', 'logisitc'], 'logistic'],
    ['an optimizer', ['--optimizer', 'adamm'], 'adam'],
  ])('%s that is misspelt ends with 2 and names the nearest', async (_name, args, nearest) => {
    const { code, out: data, err } = await trainOn('amount,x,y\n1,2,a\n2,1,b\n', ...args)
    expect([code, data]).toEqual([2, ''])
    expect(err).toContain(nearest)
    expect(err).not.toMatch(/^\s+at .*[:(]\d+/m)
  })
})
