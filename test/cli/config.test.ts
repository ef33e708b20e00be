/** `train --config`: what is handed over to the library, what is refused, and runs from a file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../train/files.js'
import { run } from './harness.js'

const { folder, write } = temporaryFolder()
const rows = Array.from({ length: 400 }, (_, i) => `${(i * 7) % 50},${i % 3},${i % 2 === 0 ? 'yes' : 'no'}`)
const input = write('rows.csv', `x,c,late\n${rows.join('\n')}\n`)
mkdirSync(join(folder, 'runs'))

let files = 0
const config = (options: object | string): string => {
  const path = join(folder, 'runs', `${files++}.json`)
  writeFileSync(path, typeof options === 'string' ? options : JSON.stringify(options))
  return path
}

/** The run itself, small and silent. */
const train = (...args: string[]) => run('train', ...args, '--workers', '1', '--quiet')
const bytes = (path: string): string => readFileSync(path).toString('base64')

let out = ''
beforeEach(() => {
  out = join(folder, `${files++}.safetensors`)
})

const options = { input: '../rows.csv', target: 'late', batchSize: 32, epochs: 2, seed: 7 }

describe('millrace train --config', () => {
  it('takes options by their library names, paths from the folder of the file', async () => {
    const path = config({
      $schema: 'config.schema.json',
      $comment: 'late',
      ...options,
      out: 'of-config.model',
    })
    expect(await train('--config', path)).toEqual({ code: 0, out: '', err: '' })
    // The oracle: the same options typed.
    await train(input, '--target', 'late', '--batch-size', '32', '--epochs', '2', '--seed', '7', '-o', out)
    expect(bytes(join(folder, 'runs', 'of-config.model'))).toBe(bytes(out))
  })

  it('lets the command line win', async () => {
    const other = write('other.csv', readFileSync(input, 'utf8').split('\n').slice(0, 200).join('\n'))
    const path = config({ ...options, input: 'missing.csv', out: 'not-this.model', ignore: ['x'] })
    await train(other, '--config', path, '--seed', '8', '--ignore', 'c', '-o', out)
    const typed = join(folder, 'typed.safetensors')
    const same = ['--target', 'late', '--batch-size', '32', '--epochs', '2', '--seed', '8', '--ignore', 'c']
    await train(other, ...same, '-o', typed)
    expect(bytes(out)).toBe(bytes(typed))
    // Without what was typed, a difference shows.
    await train(other, ...same.slice(0, -2), '-o', typed)
    expect(bytes(out)).not.toBe(bytes(typed))
  })

  it('reads a file with the mark of Windows, from a path relative to the working folder', async () => {
    const path = config(`\ufeff${JSON.stringify({ ...options, out })}`)
    expect(await train('--config', relative(process.cwd(), path))).toMatchObject({ code: 0, err: '' })
  })

  it.each<[string, object | string, string[], RegExp]>([
    [
      'a misspelt option',
      { ...options, batchsize: 3 },
      [],
      /no option "batchsize"[^]*did you mean "batchSize"\?/,
    ],
    ['an option as it is typed', { ...options, 'batch-size': 3 }, [], /did you mean "batchSize"\?/],
    ['what only a program has', { ...options, control: {} }, [], /no option "control"/],
    ['what only the command has', { ...options, quiet: true }, [], /no option "quiet"/],
    ['a wrong value', { ...options, batchSize: 'many' }, [], /--batch-size: expected a whole number/],
    ['options that contradict each other', { ...options, resume: true }, [], /--resume: .*no folder/],
    ['rows in place of a path', { ...options, input: [{ x: 1 }] }, [], /input: expected one path or several/],
    ['a model in place of a path', { ...options, initModel: {} }, [], /--init-model: expected the path/],
    ['a list', '[1]', [], /expected an object of options/],
    ['no JSON', '{"input": ', [], /expected the options as JSON/],
    ['nothing at all', '', [], /expected the options as JSON/],
  ])('refuses %s, naming the file', async (_what, text, args, message) => {
    const path = config(text)
    const { code, out: printed, err } = await train('--config', path, '-o', out, ...args)
    expect([code, printed]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).toContain(`at ${path}`)
  })

  it('does not name the file for what was typed', async () => {
    const { code, err } = await train('--config', config(options), '--batch-size', 'many')
    expect(code).toBe(2)
    expect(err).not.toContain('.json')
  })

  it.each(['run.yaml', 'run.YML'])('reads YAML where the name says so: %s', async (name) => {
    const lines = [
      '# late flights',
      'input: rows.csv',
      'target: late',
      'batchSize: 32',
      'epochs: 2',
      'ignore:',
      '  - x',
    ]
    const path = write(name, `\ufeff${lines.join('\n')}\n`)
    expect(await train('--config', path, '-o', out)).toEqual({ code: 0, out: '', err: '' })
    const typed = join(folder, 'typed.safetensors')
    await train(input, ...'--target late --batch-size 32 --epochs 2 --ignore x'.split(' '), '-o', typed)
    expect(bytes(out)).toBe(bytes(typed))
  })

  it.each([
    ['that is none, with its place', 'target: [late\n', /expected the options as YAML: .*at line 2/],
    ['of one value', 'late\n', /expected an object of options/],
    ['with a wrong value', 'target: late\ninput: rows.csv\nbatchSize: many\n', /--batch-size: expected/],
    ['with a misspelt option', 'traget: late\n', /did you mean "target"\?/],
  ])('refuses YAML %s', async (_what, text, message) => {
    const path = write(`${files++}.yaml`, text)
    const { code, err } = await train('--config', path, '-o', out)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(err).toContain(`at ${path}`)
  })

  it('names a file that is not there', async () => {
    const { code, err } = await train('--config', join(folder, 'none.json'))
    expect(code).toBe(1)
    expect(err).toContain(
      `cannot read the options: no such file or directory\n  at ${join(folder, 'none.json')}`,
    )
  })

  it('needs an input and a target all the same', async () => {
    expect((await train('--config', config({ target: 'late' }))).err).toContain(
      "missing required argument 'input'",
    )
    expect((await train('--config', config({ input: '../rows.csv' }))).err).toContain(
      '--target: expected the name',
    )
  })
})
