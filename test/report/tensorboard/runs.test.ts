/** Event files of whole runs; the oracle of what is in them is the run's own events. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DoneEvent, StepEvent } from '../../../src/events.js'
import type { TrainOptions } from '../../../src/options.js'
import { eventFileName, openRunFolder } from '../../../src/report/tensorboard/run-folder.js'
import { resolveOptions } from '../../../src/options/check.js'
import { scenarios } from '../../checkpoint/scenarios.js'
import { temporaryFolder } from '../../train/files.js'
import { ofType, run, type Outcome } from '../runs.js'
import { eventsOf, histograms, scalars, shownEvents, type DecodedEvent } from './decode.js'

const { folder } = temporaryFolder()
const all = scenarios(folder, 3000)
const scenarioOf = (name: string): Partial<TrainOptions> =>
  all.find((scenario) => scenario.name.startsWith(name))!.options
const linear = { ...scenarioOf('several files'), validation: 0.2 }
const network = scenarioOf('a network')

let folders = 0
const newFolder = (): string => join(folder, `runs-${folders++}`)

/** The runs of a folder, in order. */
const runsOf = (path: string): DecodedEvent[][] =>
  readdirSync(path)
    .sort()
    .map((name) => eventsOf(join(path, name)))

const asF32 = (points: readonly (readonly [number, number])[]): [number, number][] =>
  points.map(([step, value]) => [step, Math.fround(value)])

describe.each([
  ['a linear model', linear, ['weights', 'bias', 'category_weights']],
  [
    'a network',
    network,
    [
      ...[0, 1].flatMap((layer) =>
        ['weights', 'bias', 'gain', 'shift'].map((part) => `layer_${layer}.${part}`),
      ),
      'layer_2.weights',
      'layer_2.bias',
      'category_weights',
    ],
  ],
])('the event file of %s', (_what, options, tensors) => {
  let outcome: Outcome
  let events: DecodedEvent[]
  let steps: StepEvent[]
  beforeAll(async () => {
    const tensorboard = newFolder()
    outcome = await run({ ...options, tensorboard })
    steps = ofType(outcome, 'step')
    ;[events] = runsOf(tensorboard) as [DecodedEvent[]]
  })

  it('begins with the version', () => {
    expect(events[0]).toMatchObject({ file_version: 'brain.Event:2' })
    expect(events.filter(({ file_version }) => file_version !== undefined)).toHaveLength(1)
  })

  it('has the curves of the steps', () => {
    const sampled = steps.filter(({ step }) => step < 256 || step % (step < 512 ? 2 : 4) === 0)
    expect(sampled.length).toBeGreaterThan(80)
    for (const [tag, field] of [
      ['loss/train', 'loss'],
      ['loss/progressive', 'progressiveLoss'],
      ['learning_rate', 'learningRate'],
      ['gradient_norm', 'gradientNorm'],
    ] as const) {
      expect(scalars(events, tag), tag).toEqual(asF32(sampled.map((event) => [event.step, event[field]])))
    }
  })

  it('has every metric of every validation', () => {
    const validations = ofType(outcome, 'validation')
    expect(validations.length).toBeGreaterThan(1)
    for (const name of Object.keys(validations[0]!.metrics)) {
      const tag = name === 'loss' ? 'loss/validation' : `validation/${name}`
      expect(scalars(events, tag), tag).toEqual(
        asF32(validations.map(({ step, metrics }) => [step, metrics[name]!])),
      )
    }
  })

  it('has histograms of every tensor, at the first step and of the model', () => {
    const { model, steps: last } = outcome.events.at(-1) as DoneEvent
    expect(model.kind).toBe(tensors.includes('weights') ? 'linear' : 'network')
    const tags = new Set(events.flatMap(({ summary }) => summary?.value ?? []).map(({ tag }) => tag))
    expect([...tags].filter((tag) => tag.startsWith('weights/')).sort()).toEqual(
      tensors.map((name) => `weights/${name}`).sort(),
    )
    for (const name of tensors) {
      const found = histograms(events, `weights/${name}`)
      expect(found[0]![0]).toBe(1)
      expect(found.at(-1)![0]).toBe(last)
      for (const [, { num, bucket, bucket_limit, min, max }] of found) {
        expect(bucket.reduce((sum, count) => sum + count, 0)).toBe(num)
        expect(bucket_limit).toHaveLength(bucket.length)
        expect(min).toBeLessThanOrEqual(max)
      }
    }
    if (model.kind === 'linear') {
      const [, { num, sum }] = histograms(events, 'weights/weights').at(-1)!
      expect(num).toBe(model.weights.length)
      expect(sum).toBe(model.weights.reduce((total, weight) => total + weight, 0))
    }
  })
})

describe('throughput', () => {
  it('is the rows and bytes of the seconds between two points', async () => {
    const tensorboard = newFolder()
    // Long enough for rates, however fast the machine.
    const control = { ...linear, epochs: 60, batchSize: 16, tensorboard }
    const outcome = await run(control)
    const [events] = runsOf(tensorboard) as [DecodedEvent[]]
    const rows = scalars(events, 'throughput/rows_per_second')
    expect(scalars(events, 'throughput/bytes_per_second').map(([step]) => step)).toEqual(
      rows.map(([step]) => step),
    )
    const done = outcome.events.at(-1) as DoneEvent
    const seconds = new Map(ofType(outcome, 'step').map((step) => [step.step, step.seconds]))
    const trained = (step: number): number =>
      ofType(outcome, 'step')
        .filter((event) => event.step <= step)
        .reduce((sum, { batchRows }) => sum + batchRows, 0)
    expect(done.seconds < 1 || rows.length > 0).toBe(true)
    // Between the first sampled step and the last rate: what the rates add up to is what was trained on.
    let [from, sum] = [1, 0]
    for (const [step, rate] of rows) {
      sum += rate * (seconds.get(step)! - seconds.get(from)!)
      from = step
    }
    if (rows.length > 0) expect(sum / (trained(from) - trained(1))).toBeCloseTo(1, 4)
  })
})

describe('several runs', () => {
  it('are side by side in one folder', async () => {
    const tensorboard = newFolder()
    const named = { ...linear, out: join(folder, 'flights.safetensors'), epochs: 1 }
    await run({ ...named, tensorboard })
    await run({ ...named, tensorboard, seed: 5 })
    await run({ ...linear, epochs: 1, tensorboard })
    const names = readdirSync(tensorboard).sort()
    expect(names).toHaveLength(3)
    expect(names[0]).toMatch(/^flights-\d{8}-\d{6}$/)
    expect(names[1]).toMatch(/^flights-\d{8}-\d{6}(-2)?$/)
    expect(names[2]).toMatch(/^run-\d{8}-\d{6}$/)
    const [first, second] = runsOf(tensorboard).map((events) => scalars(events, 'loss/train'))
    expect(first).not.toEqual(second)
  })

  it('have folders of their own in one second, and a run that goes on has that of the newest', () => {
    const runs = newFolder()
    mkdirSync(runs)
    const options = (out?: string) => resolveOptions({ input: 'a.csv', target: 'y', out })
    const open = (out: string | undefined, time: string, goesOn = false): string =>
      openRunFolder(runs, options(out), new Date(time), goesOn).slice(runs.length + 1)
    const second = '2026-11-23T10:05:12.345Z'
    expect(open('a/m.safetensors', second)).toBe('m-20261123-100512')
    for (let i = 2; i < 12; i++) expect(open('m.onnx', second)).toBe(`m-20261123-100512-${i}`)
    expect(open('m', second, true)).toBe('m-20261123-100512-11')
    expect(open('m', '2026-11-24T00:00:00Z')).toBe('m-20261124-000000')
    expect(open('m-20261123', '2026-11-25T00:00:00Z')).toBe('m-20261123-20261125-000000')
    expect(open('m', '2027-01-01T00:00:00Z', true)).toBe('m-20261124-000000')
    expect(open(undefined, second, true)).toBe('run-20261123-100512')
  })

  it('that go on have files that are read after those before', () => {
    const path = newFolder()
    mkdirSync(path)
    const names = Array.from({ length: 12 }, () => {
      const name = eventFileName(path, new Date(1e12))
      writeFileSync(join(path, name), '')
      return name
    })
    expect(readdirSync(path).sort()).toEqual(names)
  })
})

describe.each([
  ['a linear model', linear],
  ['a network', network],
])('the event files of %s that is gone on with', (_what, options) => {
  it('show what those of a run do that nothing interrupts', async () => {
    const whole = newFolder()
    const steps = ofType(await run({ ...options, tensorboard: whole }), 'step').length
    const tensorboard = newFolder()
    const kept = { ...options, tensorboard, checkpoint: newFolder(), checkpointEvery: 9, resume: true }
    for (const share of [0.3, 0.2, 0.3]) await run(kept, Math.ceil(share * steps))
    await run(kept)
    expect(readdirSync(tensorboard)).toHaveLength(1)
    const [[expected], [written]] = [runsOf(whole), runsOf(tensorboard)] as [
      [DecodedEvent[]],
      [DecodedEvent[]],
    ]
    expect(written.filter(({ session_log }) => session_log?.status === 'START')).toHaveLength(3)
    const shown = shownEvents(written)
    for (const tag of [
      'loss/train',
      'loss/progressive',
      'learning_rate',
      'gradient_norm',
      'loss/validation',
    ]) {
      expect(scalars(shown, tag), tag).toEqual(scalars(expected, tag))
    }
  })
})

describe('the folder', () => {
  it.each(['/proc/none', '/dev/null/runs'])(
    'that cannot be made ends the run before it begins: %s',
    async (path) => {
      const { events, error } = await run({ ...linear, tensorboard: path })
      expect(events).toEqual([])
      expect(error).toMatchObject({ code: 'TENSORBOARD_NOT_WRITTEN', kind: 'run' })
      expect((error as Error).message).toContain(path)
    },
  )

  it('is made, with those above it', async () => {
    const path = join(newFolder(), 'a', 'b')
    await run({ ...linear, epochs: 1, tensorboard: path })
    expect(existsSync(path)).toBe(true)
  })
})
