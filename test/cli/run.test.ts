import { describe, expect, it } from 'vitest'
import { run } from './harness.js'

describe('millrace', () => {
  it('alone shows three examples and where help is', async () => {
    const { code, out, err } = await run()
    expect([code, err]).toEqual([0, ''])
    const examples = [...out.matchAll(/^ {2}millrace (\w+) /gm)].map(([, command]) => command)
    expect(examples).toEqual(['train', 'predict', 'evaluate'])
    expect(out).toContain('millrace --help')
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('has an example of every command that reads or writes a model in its help', async () => {
    const { out } = await run('--help')
    for (const command of ['train', 'predict', 'evaluate', 'inspect', 'export']) {
      expect(out).toMatch(new RegExp(`^ {2}millrace ${command} `, 'm'))
    }
  })

  it.each([['--help'], ['-h'], ['help'], ['train', '--help'], ['help', 'predict'], ['--version']])(
    'prints %s %s on standard output and ends with 0',
    async (...args) => {
      const { code, out, err } = await run(...args)
      expect([code, err]).toEqual([0, ''])
      expect(out).not.toBe('')
    },
  )

  it('groups the options of train', async () => {
    const { out } = await run('train', '--help')
    const groups = out.match(/^[A-Z][A-Za-z ]+:$/gm)
    expect(groups).toEqual([
      'Arguments:',
      'Options:',
      'Columns:',
      'Dialect:',
      'Bad rows:',
      'Model and step:',
      'Machine:',
      'Watching:',
      'Output:',
    ])
  })

  it.each([
    [['trian', 'a.csv'], 'Did you mean train?'],
    [['train', 'a.csv', '--targt', 'late'], 'Did you mean --target?'],
    [['train', 'a.csv', '--target', 'late', '--batchsize', '3'], 'Did you mean --batch-size?'],
    [['train'], "missing required argument 'input'"],
    [['train', 'a.csv', '--target'], 'argument missing'],
    [['predict', 'm.safetensors'], "missing required argument 'input'"],
    [['inspect', 'a', 'b'], 'too many arguments'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, out, err } = await run(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).not.toMatch(/^\s+at /m)
  })
})
