/** The options that a run leaves beside its model: with them the same model is made again, byte for byte. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/events.js'
import { resolveOptions } from '../../src/options/check.js'
import type { TrainOptions } from '../../src/options.js'
import { fit, train } from '../../src/train.js'
import { scenarios } from '../checkpoint/scenarios.js'
import { run } from '../cli/harness.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const texts = Array.from({ length: 600 }, (_, i) => {
  const late = scattered(i) + (i % 7) / 10 > 0.8 ? 'yes' : 'no'
  return `${(scattered(i) * 8).toFixed(2)};c${i % 7};${i % 5};${late};${i % 90 === 3 ? 'many' : i % 4}`
})
const odd = write('odd.csv', `x;"a:b";"c,""d";late;y\n${texts.join('\n')}\n`)
const plain = write(
  'plain.csv',
  `x,c,d,late\n${texts
    .slice(0, 300)
    .map((text) => text.split(';').slice(0, 4).join(','))
    .join('\n')}\n`,
)

const path = (name: string): string => join(folder, name)
const optionsOf = (model: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`${model}.run.json`, 'utf8')) as Record<string, unknown>

let models = 0
/** Trains, and again by what the run has left; both files. */
async function twice(options: Partial<TrainOptions>): Promise<[Buffer, Buffer]> {
  const out = path(`${models++}.safetensors`)
  await fit({ input: odd, target: 'late', workers: 1, ...options, out })
  renameSync(out, `${out}.first`)
  const again = await run('train', '--config', `${out}.run.json`, '--workers', '2', '--quiet')
  expect(again).toEqual({ code: 0, out: '', err: '' })
  return [readFileSync(`${out}.first`), readFileSync(out)]
}

const base = { ignore: 'y', batchSize: 32, seed: 5 }
const before = path('before.safetensors')

describe('train --config with what a run has left', () => {
  const ofFiles = scenarios(folder, 600).filter(({ stdin }) => stdin === undefined)
  it.each(ofFiles.map(({ name, options }) => [name, options] as const))(
    'repeats %s',
    async (_name, options) => {
      const [first, again] = await twice(options)
      expect(again.equals(first)).toBe(true)
    },
  )

  it.each<[string, Partial<TrainOptions>]>([
    ['what is left to the data', { ignore: 'y' }],
    [
      'names with marks, class weights',
      { ...base, interactions: '"a:b":"c,""d"', categorical: ['c,"d'], classWeight: 'no:1,yes:5' },
    ],
    ['no quoting', { ...base, input: plain, ignore: [], quote: '', delimiter: ',', na: 'c1,c2' }],
    [
      'a quarantine',
      {
        ...base,
        ignore: 'x',
        numeric: 'y',
        onBadRow: 'quarantine',
        quarantine: path('bad.csv'),
        maxBadRows: '5%',
      },
    ],
    ['a limit of rows', { ...base, ignore: 'x', numeric: 'y', onBadRow: 'skip', maxBadRows: 50 }],
    ['a number and its loss', { ...base, target: 'x', loss: 'huber', huberDelta: 0.5, standardize: false }],
    ['hashing', { ...base, hashBits: 8, optimizer: 'ftrl', l1: 0.001 }],
    [
      'a network',
      { ...base, hidden: '8,4', dropout: 0.1, activation: 'tanh', optimizerSettings: { beta1: 0.8 } },
    ],
    ['patience on a file', { ...base, input: plain, ignore: 'd', validation: plain, patience: 2, epochs: 5 }],
    ['file order', { ...base, shuffle: false, memory: '16MB', warmup: 3, schedule: 'one-cycle' }],
    ['a model gone on from', { ...base, initModel: before, optimizer: 'adam' }],
    ['one whose columns stay', { ...base, initModel: before, freezePreprocessing: true, clipNorm: 1 }],
  ])('repeats %s', async (_name, options) => {
    if (!existsSync(before)) await fit({ input: odd, target: 'late', ...base, out: before })
    const [first, again] = await twice(options)
    expect(again.equals(first)).toBe(true)
  })

  it('needs nothing but the options: without one of them the model is another', async () => {
    const [first] = await twice({ ...base, l2: 0.01 })
    const out = path(`${models - 1}.safetensors`)
    const { l2, ...rest } = optionsOf(out)
    expect(l2).toBe(0.01)
    writeFileSync(`${out}.run.json`, JSON.stringify(rest))
    await run('train', '--config', `${out}.run.json`, '--quiet')
    expect(readFileSync(out).equals(first)).toBe(false)
  })
})

describe('the options beside a model', () => {
  it('are those that decide its bytes, with what was chosen, and nothing of the machine', async () => {
    mkdirSync(path('models'))
    const out = path('models/late.safetensors')
    const watching = { events: path('events.ndjson'), checkpoint: path('checkpoints') }
    await fit({
      ...base,
      ...watching,
      input: [odd, odd],
      target: 'late',
      workers: 1,
      placement: 'inline',
      out,
    })
    const { $comment, ...options } = optionsOf(out)
    expect($comment).toMatch(/^millrace \d+\.\d+\.\d+; train --config .* late\.safetensors again$/)
    expect(options).toMatchObject({
      input: [odd, odd],
      out: 'late.safetensors',
      target: 'late',
      ignore: ['y'],
      loss: 'logistic',
      optimizer: 'adagrad',
      batchSize: 32,
      schedule: 'cosine',
      seed: 5,
      shards: 8,
    })
    for (const name of ['learningRate', 'epochs', 'l2', 'memory'])
      expect(typeof options[name], name).toBe('number')
    const absent = [
      'workers',
      'placement',
      'events',
      'checkpoint',
      'checkpointEvery',
      'resume',
      'signal',
      'given',
    ]
    for (const name of absent) expect(options, name).not.toHaveProperty(name)
    // The library's own check is the oracle of what may stand there.
    expect(() => resolveOptions(options as unknown as TrainOptions)).not.toThrow()
  })

  it('are not those of an earlier model, where a program gave the rows', async () => {
    const out = path('rows.safetensors')
    await fit({ ...base, input: odd, target: 'late', out })
    expect(existsSync(`${out}.run.json`)).toBe(true)
    const rows = Array.from({ length: 50 }, (_, i) => ({ x: i, late: i % 2 === 0 ? 'yes' : 'no' }))
    await fit({ input: rows, target: 'late', out })
    expect(existsSync(`${out}.run.json`)).toBe(false)
  })

  it('that cannot be written are told; the model is there', async () => {
    const out = path('stubborn.safetensors')
    mkdirSync(`${out}.run.json`)
    const events: TrainEvent[] = []
    await new Promise<void>((resolve, reject) => {
      train({ ...base, input: odd, target: 'late', out }).subscribe({
        next: (event) => events.push(event),
        error: reject,
        complete: resolve,
      })
    })
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    expect(warnings).toEqual([
      expect.stringContaining(`options of the run to "${out}.run.json": it is a folder`),
    ])
    expect(events.at(-1)!.type).toBe('done')
    expect(existsSync(out)).toBe(true)
  })
})
