/**
 * Names and values that a terminal would carry out: colours, a new window title, a cursor that goes back, text that runs
 * the other way. Every command is driven with them, and what people read must be free of them. Oracle: the list of what
 * may not be there is written here by number, and not as src/errors.ts writes it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { csvField } from '../../src/artifact/csv-field.js'
import { scattered, temporaryFolder } from '../train/files.js'
import { run } from './harness.js'

const { folder } = temporaryFolder()

/** Escape sequences with ESC and with the one byte of C1, bell, backspace, delete, directions, no width, line breaks. */
const BAD =
  '\u001b[31m\u001b]0;title\u0007\u009b2J\b\u007f\u202eabc\u2066\u200b\u200e\ufeff\u00ad\u2028\r\n\t'
const name = (text: string): string => `${text}${BAD}${text}`

/** What is in the text and may not be: code points. */
function raw(text: string): string[] {
  const within = (code: number, from: number, to: number): boolean => code >= from && code <= to
  return [...text]
    .map((character) => character.codePointAt(0)!)
    .filter(
      (code) =>
        (code < 0x20 && code !== 0x0a) ||
        within(code, 0x7f, 0x9f) ||
        code === 0xad ||
        within(code, 0x200b, 0x200f) ||
        within(code, 0x2028, 0x202e) ||
        within(code, 0x2060, 0x206f) ||
        code === 0xfeff,
    )
    .map((code) => code.toString(16))
}

const line = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\n`
const columns = ['x', 'c', 'day', 'z', 'y'].map(name)
const record = (i: number): string[] => [
  String(Math.round(scattered(i) * 800) / 8),
  name(`v${i % 7}`),
  `2021-03-${String(1 + (i % 28)).padStart(2, '0')}`,
  String(i % 5),
  name(scattered(i) + (i % 7) / 10 > 0.8 ? 'yes' : 'no'),
]
const lines = Array.from({ length: 400 }, (_, i) => line(record(i)))
const text = line(columns) + lines.join('')

const inner = join(folder, name('folder').replaceAll('/', ''))
mkdirSync(inner)
const file = (of: string): string => join(inner, name(of))
const csv = file('rows.csv')
const [model, other, out, kept] = ['model', 'other', 'out', 'quarantine'].map(file) as [
  string,
  string,
  string,
  string,
]
const [x, c, day, z, y] = columns.map((column) => `"${column}"`) as [string, string, string, string, string]
const bad = file('bad.csv')
const ragged = file('ragged.csv')
const numbers = file('numbers.csv')
const spaced = file('spaced.csv')

beforeAll(async () => {
  writeFileSync(csv, text)
  writeFileSync(bad, text + line([name('no number'), 'a', '2021-03-01', '1', name('class')]))
  writeFileSync(ragged, `${text}${line([name('short')])}`)
  writeFileSync(numbers, text.replaceAll(/2021-03-(\d\d)/g, '1$1'))
  writeFileSync(spaced, text.replace(line(columns), line([...columns.slice(1), columns[1]!])))
  const { code, err } = await run(
    'train',
    csv,
    '--target',
    columns[4]!,
    '--workers',
    '1',
    '--epochs',
    '1',
    '-o',
    model,
  )
  expect({ code, err }).toMatchObject({ code: 0 })
})

const target = ['--target', columns[4]!]
const train = (input: string, ...more: string[]): string[] => [
  ...['train', input, ...target, '--workers', '1', '--epochs', '1', '-o', other],
  ...more,
]

/** Arguments, and where it is known the exit code, and text that tells that the name has been shown. */
const cases: [what: string, code: number, args: () => string[], shows?: string][] = [
  ['train', 0, () => train(csv), 'x\\u001b[31m'],
  ['train with class weights', 0, () => train(csv, '--class-weight', 'balanced'), 'no\\u001b'],
  ['train with interactions', 0, () => train(csv, '--interactions', `${c}:${x}`), 'slope of x\\u001b'],
  ['train with dates', 0, () => train(csv, '--dates', day), 'day\\u001b'],
  [
    'train with a quarantine',
    0,
    () => train(bad, '--on-bad-row', 'quarantine', '--quarantine', kept),
    'kept in',
  ],
  ['train with dates that look so', 0, () => train(csv, '--categorical', day), 'day\\u001b'],
  ['train on hashed categories', 0, () => train(csv, '--hash-bits', '3')],
  ['train with a validation file', 0, () => train(csv, '--validation', csv)],
  [
    'train on what diverges',
    1,
    () =>
      train(
        csv,
        '--learning-rate',
        '1e30',
        '--optimizer',
        'sgd',
        '--loss',
        'squared',
        '--target',
        columns[0]!,
      ),
    '\\u001b',
  ],
  [
    'train with checkpoints',
    0,
    () => train(csv, '--checkpoint', file('kept'), '--checkpoint-every', '2'),
    'kept\\u001b',
  ],
  ['resume with other options', 2, () => train(csv, '--checkpoint', file('kept'), '--resume', '--l2', '0.5')],
  [
    'resume what is not there',
    0,
    () => train(csv, '--checkpoint', file('absent'), '--resume'),
    'absent\\u001b',
  ],
  ['checkpoints in a file', 1, () => train(csv, '--checkpoint', csv), 'rows.csv\\u001b'],
  ['train on a bad row', 1, () => train(bad), 'bad.csv\\u001b'],
  ['train on a ragged row', 1, () => train(ragged), 'ragged.csv\\u001b'],
  ['train on two files', 0, () => train(csv, numbers)],
  ['train on files of different columns', 1, () => train(csv, spaced), '\\u001b'],
  ['train to where there is no folder', 1, () => train(csv, '-o', join(file('none'), 'm')), 'none\\u001b'],
  ['train with a cache in a file', 1, () => train(csv, '--cache', csv), 'rows.csv\\u001b'],
  [
    'a quarantine that is the input',
    2,
    () => train(bad, '--on-bad-row', 'quarantine', '--quarantine', bad),
    'bad.csv\\u001b',
  ],
  ['a file that is not there', 1, () => train(file('nothing')), 'nothing\\u001b'],
  ['a glob that matches nothing', 1, () => train(`${file('nothing')}*`), 'nothing\\u001b'],
  ['a folder', 1, () => train(inner), 'folder\\u001b'],
  ['a target that is not there', 2, () => ['train', csv, '--target', name('yy')], 'yy\\u001b'],
  ['features that are not there', 2, () => train(csv, '--features', `"${name('other')}"`), 'other\\u001b'],
  ['a target that is left out', 2, () => train(csv, '--ignore', y), '\\u001b'],
  ['a category read as a number', 1, () => train(csv, '--numeric', c), '\\u001b'],
  ['a category read as a date', 1, () => train(csv, '--dates', c), '\\u001b'],
  ['interactions that are none', 2, () => train(csv, '--interactions', `${x}:${z}`), '\\u001b'],
  [
    'class weights of no class',
    2,
    () => train(csv, '--class-weight', `"${name('maybe')}":2`),
    'maybe\\u001b',
  ],
  ['an option that is not there', 2, () => train(csv, `--${name('opt')}`), 'opt\\u001b'],
  ['a loss that is not there', 2, () => train(csv, '--loss', BAD), '\\u001b'],
  ['a size that is none', 2, () => train(csv, '--memory', BAD), '\\u001b'],
  ['a number that is none', 2, () => train(csv, '--epochs', BAD), '\\u001b'],
  ['settings that are none', 2, () => train(csv, '--optimizer-settings', `${BAD}=1`), '\\u001b'],
  ['a command that is not there', 2, () => [name('trian')], 'trian\\u001b'],
  ['help of what is not there', 2, () => ['help', name('trian')]],
  ['arguments that are too many', 2, () => ['inspect', csv, BAD]],
  ['inspect a CSV', 0, () => ['inspect', csv], 'x\\u001b'],
  ['inspect a model', 0, () => ['inspect', model], 'y\\u001b'],
  ['inspect with a picture', 0, () => ['inspect', model, '--plot', '-'], 'y\\u001b'],
  ['train with events', 0, () => train(csv, '--events', file('events')), 'x\\u001b'],
  ['plot', 0, () => ['plot', file('events'), '-o', '-'], 'y\\u001b'],
  ['plot to a file', 0, () => ['plot', file('events'), '-o', file('picture')], 'picture\\u001b'],
  ['plot what is not there', 1, () => ['plot', file('nothing')], 'nothing\\u001b'],
  ['plot what is no event file', 1, () => ['plot', csv], 'rows.csv\\u001b'],
  ['inspect what is not there', 1, () => ['inspect', file('nothing')], 'nothing\\u001b'],
  ['evaluate', 0, () => ['evaluate', model, csv]],
  ['evaluate on bad rows', 0, () => ['evaluate', model, bad, '--on-bad-row', 'skip']],
  ['evaluate on a class that is not known', 1, () => ['evaluate', model, bad], '\\u001b'],
  ['evaluate on other columns', 1, () => ['evaluate', model, spaced], '\\u001b'],
  ['predict', 0, () => ['predict', model, csv, '--keep', c, '-o', out], 'out\\u001b'],
  [
    'predict what is not kept',
    2,
    () => ['predict', model, csv, '--keep', `"${name('none')}"`, '-o', out],
    'none\\u001b',
  ],
  ['predict with what is no model', 1, () => ['predict', csv, csv], 'model file'],
  ['predict with what is not there', 1, () => ['predict', file('nothing'), csv], 'nothing\\u001b'],
  ['predict into a folder', 1, () => ['predict', model, csv, '-o', inner], 'folder\\u001b'],
]

describe('what a terminal would carry out', () => {
  it.each(cases)('is escaped: %s', async (_what, code, args, shows = '') => {
    const ended = await run(...args())
    expect({ ...ended, raw: [...raw(ended.out), ...raw(ended.err)] }).toMatchObject({ code, raw: [] })
    expect(ended.out + ended.err).toContain(shows)
  })

  it('stays as it is in data', async () => {
    const rows = readFileSync(out, 'latin1')
    expect(rows.startsWith(Buffer.from(`${csvField(columns[1]!)},prediction`).toString('latin1'))).toBe(true)
    expect(existsSync(kept)).toBe(true)
    const { out: json } = await run('inspect', csv, '--json')
    const found = JSON.parse(json) as { columns: { name: string }[] }
    expect(found.columns.map((column) => column.name)).toEqual(columns)
  })
})
