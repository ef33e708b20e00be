/** `planTraining` and `train --explain-plan`. The oracle is the run itself. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../src/events.js'
import { resolveOptions } from '../src/options/check.js'
import type { TrainOptions } from '../src/options.js'
import { planTraining } from '../src/plan.js'
import { RunControl } from '../src/run/run-control.js'
import { openRun } from '../src/run/open-run.js'
import { train } from '../src/train.js'
import { run } from './cli/harness.js'
import { scattered, temporaryFolder } from './train/files.js'

const { folder, write } = temporaryFolder()
/** Records of one length, so that the rows are known by the bytes. */
const records = Array.from({ length: 2000 }, (_, i) => {
  const late = scattered(i) + (i % 7) / 10 > 0.8 ? 'yes' : 'not'
  return `${scattered(i).toFixed(4)},c${i % 7},${late}\n`
})
const input = write('rows.csv', `x,c,late\n${records.join('')}`)
const base: TrainOptions = { input, target: 'late', workers: 2, batchSize: 64 }

async function eventsOf(options: TrainOptions): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  return new Promise((resolve, reject) => {
    const complete = (): void => resolve(events)
    train(options).subscribe({ next: (event) => events.push(event), error: reject, complete })
  })
}

describe('planTraining', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['a linear model', { epochs: 2 }],
    ['held-out rows and a schedule', { schedule: 'linear', warmup: 5, epochs: 3, validation: input }],
    ['a network', { hidden: '8,4', epochs: 1 }],
    [
      'averaged weights in file order',
      { shuffle: false, averageWeights: true, schedule: 'constant', epochs: 1 },
    ],
  ])('says what a run does: %s', async (_name, given) => {
    const options = { ...base, ...given }
    const plan = await planTraining(options)
    const events = await eventsOf(options)
    const start = events.find((event) => event.type === 'start')!
    const steps = events.filter((event) => event.type === 'step')
    const done = events.find((event) => event.type === 'done')!
    expect(plan.rows).toBe(done.rows.read)
    expect(plan.steps).toBe(done.steps)
    expect(plan.stepsPerEpoch).toBe(done.steps / done.epochs)
    expect(plan.learningRates).toEqual({ first: steps[0]!.learningRate, last: steps.at(-1)!.learningRate })
    expect(plan.options).toEqual(start.options)
    const { schema, classWeights, parameters, workers, lanes, bytes, version } = start
    expect(plan).toMatchObject({ schema, classWeights, parameters, workers, lanes, bytes, version })
    const weights = plan.model.tensors.map((tensor) => tensor.weights)
    expect(weights.reduce((sum, count) => sum + count, 0)).toBe(parameters)
  })

  it('counts the weights of a network', async () => {
    const { model } = await planTraining({ ...base, hidden: '8,4', embedding: 2, ignore: 'x' })
    // By hand: an embedding of 2 numbers, then 2 → 8 → 4 → 1.
    expect(model).toMatchObject({ kind: 'network', outputs: 1 })
    const counts = Object.fromEntries(model.tensors.map(({ name, weights }) => [name, weights]))
    expect(counts).toMatchObject({ 'layer_0.weights': 16, 'layer_0.bias': 8, 'layer_1.weights': 32 })
    expect(counts).toMatchObject({ 'layer_1.bias': 4, 'layer_2.weights': 4, 'layer_2.bias': 1 })
  })

  it.each<[string, Partial<TrainOptions>]>([
    ['one pass', { epochs: 1 }],
    ['a quarantine and held-out rows', { epochs: 2, validation: 0.1, onBadRow: 'quarantine' }],
    ['a cache that is kept', { epochs: 1, cache: join(folder, 'cache') }],
  ])('lays out the memory of a run: %s', async (_name, given) => {
    const options = { ...base, quarantine: join(folder, 'bad.csv'), out: join(folder, 'm'), ...given }
    const { memory } = await planTraining(options)
    const opened = await openRun(resolveOptions(options), new RunControl(), new AbortController().signal)
    await opened.close()
    const expected: Record<string, number> = {}
    for (const { name, bytes } of opened.memory.regions) expected[name] = (expected[name] ?? 0) + bytes
    expect(Object.fromEntries(memory.parts.map(({ name, bytes }) => [name, bytes]))).toEqual(expected)
    expect(memory.bytes).toBe(Object.values(expected).reduce((sum, bytes) => sum + bytes, 0))
    expect(memory.parts.map(({ bytes }) => bytes)).toEqual(Object.values(expected).sort((a, b) => b - a))
  })

  it('writes nothing', async () => {
    const place = join(folder, 'empty')
    mkdirSync(place)
    const at = (name: string): string => join(place, name)
    const outputs = {
      out: at('m'),
      checkpoint: at('checkpoints'),
      cache: at('cache'),
      quarantine: at('bad.csv'),
    }
    const sinks = { events: at('events'), history: at('history'), tensorboard: at('runs'), dashboard: true }
    const plan = await planTraining({ ...base, ...outputs, ...sinks, onBadRow: 'quarantine', epochs: 2 })
    expect(readdirSync(place)).toEqual([])
    expect(plan.options).toMatchObject({ ...outputs, ...sinks, onBadRow: 'quarantine' })
  })

  it('reads no more of a stream than its sample, and knows no end of it', async () => {
    let isClosed = false
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('x,c,late\n')
        for (;;) yield Buffer.from(records.join(''))
      } finally {
        isClosed = true
      }
    }
    const plan = await planTraining({ ...base, input: endless() })
    const unknown = { rows: undefined, steps: undefined, stepsPerEpoch: undefined, bytes: undefined }
    expect(plan).toMatchObject({ ...unknown, learningRates: { last: undefined } })
    expect(isClosed).toBe(true)
  })

  it.each<[string, Partial<TrainOptions>, string]>([
    ['a column that is not there', { target: 'latest' }, 'latest'],
    ['a file that is not there', { input: join(folder, 'none.csv') }, 'none.csv'],
    ['a stream that is to be kept', { input: [{ x: 1, late: 2 }], cache: join(folder, 'cache') }, 'cache'],
    ['a wrong value', { batchSize: 0 }, 'batchSize'],
  ])('refuses what a run refuses: %s', async (_name, given, named) => {
    const options = { ...base, ...given }
    const refused = await planTraining(options).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      name: 'MillraceError',
      message: expect.stringContaining(named) as string,
    })
    expect(await eventsOf(options).catch((error: unknown) => error)).toEqual(refused)
  })

  it('stops at a signal', async () => {
    await expect(planTraining({ ...base, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })
})

describe('millrace train --explain-plan', () => {
  const place = join(folder, 'printed')
  mkdirSync(place)
  const args = [input, '--target', 'late', '--batch-size', '64', '--epochs', '2', '--explain-plan']
  const outputs = ['-o', join(place, 'late.model'), '--events', join(place, 'events.ndjson')]

  it('prints the plan on standard output', async () => {
    const { code, out, err } = await run(
      'train',
      ...args,
      ...outputs,
      '--validation',
      '0.1',
      '--workers',
      '2',
    )
    expect([code, err]).toEqual([0, ''])
    const text = out.replaceAll(/\s+/g, ' ')
    // 2,000 rows, of which 1,800 are trained on: by hand.
    expect(text).toContain('rows about 2,000, 10 % of them held out; the first bad one ends the run')
    expect(text).toContain('steps about 29 an epoch, of 64 rows; 2 epochs: about 58')
    expect(text).toMatch(
      /model linear, loss logistic: \d+ parameters \(weights 1, bias 1, category_weights \d+\)/,
    )
    expect(text).toMatch(/descent adagrad, learning rate from [\d.]+ to [\d.e-]+ \(cosine\)/)
    expect(text).toMatch(/memory [\d.]+ MB shared by all threads: cached rows 134 MB,/)
    expect(text).toContain('2 workers; gradients in 8 shards, where the first steps show that it is faster')
    expect(text).toContain(
      `the model to ${join(place, 'late.model')}, its options to ${join(place, 'late.model')}.run.json`,
    )
    expect(out).toMatch(/^ {2}late +target +2 classes +not, yes$/m)
    expect(readdirSync(place)).toEqual([])
  })

  it('prints one JSON object with --json', async () => {
    const { code, out, err } = await run('train', ...args, ...outputs, '--json')
    expect([code, err, out.split('\n').length]).toEqual([0, '', 2])
    const plan = JSON.parse(out) as Record<string, unknown>
    expect(plan).toMatchObject({ rows: 2000, stepsPerEpoch: 32, steps: 64, model: { kind: 'linear' } })
    expect(plan['options']).toMatchObject({ input: [input], batchSize: 64, loss: 'logistic' })
    expect(plan['schema']).toMatchObject({ target: { name: 'late', classes: ['not', 'yes'] } })
    expect(readdirSync(place)).toEqual([])
  })

  it('ends with 2 where the options are wrong', async () => {
    const { code, out, err } = await run('train', input, '--target', 'latest', '--explain-plan')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('did you mean "late"?')
  })
})
