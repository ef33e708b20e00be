/**
 * Runs that go on from a model. Oracles: the initial model itself (what it predicts, and the loss that `evaluate` tells of it),
 * the same run on another machine (byte for byte), node:crypto, and the values that the files were written with.
 */
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { encodeModel, loadTrainedModel } from '../../src/artifact/index.js'
import { MillraceError } from '../../src/errors.js'
import { evaluate } from '../../src/evaluate.js'
import type { DoneEvent, TrainEvent } from '../../src/events.js'
import type { TrainedModel } from '../../src/model/index.js'
import { Purpose, randomFraction } from '../../src/numeric/random.js'
import type { TrainOptions } from '../../src/options.js'
import { predict } from '../../src/predict.js'
import { train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

const ROWS = 3000
const COLUMNS = ['site', 'user', 'x', 'z', 'late', 'kind', 'amount'] as const
type Row = Record<(typeof COLUMNS)[number], string>

/** Sites and users of later rows are others: `site 7` and "rare ""…""" are met from row 3000 on, and every user is new. */
const rowsFrom = (from: number): Row[] =>
  Array.from({ length: ROWS }, (_, at): Row => {
    const i = from + at
    const site = `site ${i % (from > 0 ? 9 : 7)}`
    const effect = (i % 7) / 10
    return {
      site: i % 13 === 5 && from > 0 ? `"rare ""${i % 4}"""` : site,
      user: i % 11 === 0 ? '' : `u${Math.floor(i / 60)}`,
      x: i % 17 === 0 ? 'NA' : scattered(i, 0.7548776662).toFixed(4),
      z: (scattered(i, 0.569840291) * 100).toFixed(2),
      late: scattered(i) + effect > 0.8 ? 'yes' : 'no',
      kind: ['a', 'b', 'c'][(i + Math.floor(scattered(i) * 2)) % 3]!,
      amount: (scattered(i) * 3 + effect + 0.1).toFixed(3),
    }
  })

function csv(rows: readonly Row[], columns: readonly (keyof Row)[] = COLUMNS, extra = ''): string {
  const lines = rows.map((row, i) => columns.map((name) => row[name]).join() + (extra && `,${i}`))
  return [columns.join() + (extra && `,${extra}`), ...lines, ''].join('\n')
}

const monday = write('monday.csv', csv(rowsFrom(0)))
const tuesday = write('tuesday.csv', csv(rowsFrom(ROWS)))
/** The rows of tuesday, columns in another order, and one more. */
const reordered = write('reordered.csv', csv(rowsFrom(ROWS), [...COLUMNS].reverse(), 'note'))

const targets = { late: 'kind,amount', kind: 'late,amount', amount: 'late,kind' }
const options = (given: Partial<TrainOptions> = {}): TrainOptions => {
  const target = (given.target ?? 'late') as keyof typeof targets
  return { input: monday, target, ignore: targets[target], batchSize: 64, seed: 3, ...given }
}

async function run(given: TrainOptions): Promise<TrainEvent[]> {
  return new Promise((resolve, reject) => {
    const events: TrainEvent[] = []
    train(given).subscribe({
      next: (event) => events.push(event),
      error: reject,
      complete: () => resolve(events),
    })
  })
}

const doneOf = (events: readonly TrainEvent[]): DoneEvent => events.at(-1) as DoneEvent
const modelOf = async (given: TrainOptions): Promise<TrainedModel> => doneOf(await run(given)).model
const bytesOf = async (given: TrainOptions): Promise<Buffer> => Buffer.from(encodeModel(await modelOf(given)))

let files = 0
/** Trains on monday; the path of its model. */
async function initialModel(given: Partial<TrainOptions> = {}): Promise<string> {
  const out = join(folder, `initial-${files++}.safetensors`)
  await run(options({ ...given, out }))
  return out
}

async function refusal(given: TrainOptions): Promise<MillraceError> {
  try {
    await run(given)
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

async function predictionsOf(model: string): Promise<string> {
  const out = join(folder, `predictions-${files++}.csv`)
  await predict({ model, input: tuesday, out })
  return readFileSync(out, 'utf8')
}

/** Of f32 weights of a usual size: what they become by the steps of a run is what they were. */
const NO_STEP = 1e-38

const kinds: [string, Partial<TrainOptions>][] = [
  ['two classes', {}],
  ['several classes', { target: 'kind' }],
  ['a number', { target: 'amount' }],
  ['poisson', { target: 'amount', loss: 'poisson' }],
  ['huber', { target: 'amount', loss: 'huber', huberDelta: 0.5 }],
  ['squared hinge, numbers as they are', { loss: 'squared-hinge', standardize: false }],
  ['interactions', { interactions: ['site:user', 'x:site'] }],
  ['buckets shared by all', { hashBits: 8 }],
  ['rare values', { minCount: 3 }],
  ['a network', { hidden: '8,4', layerNorm: true }],
  [
    'a network of several classes without embeddings',
    { target: 'kind', hidden: 8, embedding: 0, activation: 'tanh' },
  ],
]

describe.each(kinds)('a model that goes on: %s', (_, made) => {
  it.each([false, true])('predicts before its first step what it predicted, frozen: %s', async (frozen) => {
    const { target, minCount } = made
    const initModel = await initialModel(made)
    const out = join(folder, `unmoved-${files++}.safetensors`)
    const growth = frozen ? { freezePreprocessing: true } : { minCount }
    await run({
      ...{ input: reordered, target: target ?? 'late', batchSize: 64, ...growth },
      ...{ initModel, out, learningRate: NO_STEP, l2: 0, validation: 0.1, epochs: 2 },
    })
    expect(await predictionsOf(out)).toBe(await predictionsOf(initModel))
  })

  it('begins at the loss that evaluate tells, and learns from there', async () => {
    const initModel = await initialModel(made)
    const before = await evaluate({ model: initModel, input: tuesday })
    const { target = 'late' } = made
    const given = { input: reordered, target, initModel }
    const events = await run({ ...given, batchSize: 2 * ROWS, epochs: 1 })
    const step = events.find((event) => event.type === 'step')!
    // 3000 losses of f32 products, each within a few rounding errors of those of the same weights.
    expect(step.loss).toBeCloseTo(before.metrics.loss, 5)
    const out = join(folder, `learned-${files++}.safetensors`)
    await run({ ...given, batchSize: 64, epochs: 5, out })
    const after = await evaluate({ model: out, input: tuesday })
    expect(after.metrics.loss).toBeLessThan(before.metrics.loss)
  })
})

describe('the model file of a run that goes on', () => {
  it.each<[string, Partial<TrainOptions>, Partial<TrainOptions>]>([
    ['linear', {}, { epochs: 2, l2: 1e-3, validation: 0.2 }],
    ['linear, all weights in one block', {}, { epochs: 2, l2: 1e-3, maxCategories: 100 }],
    ['linear, averaged, frozen', {}, { freezePreprocessing: true, averageWeights: true }],
    ['a network', { hidden: '8', embedding: 4 }, { epochs: 2, minCount: 2, weightDecay: 0.01 }],
    ['a network, all weights in one block', { hidden: '8', embedding: 4 }, { l2: 1e-2, maxCategories: 100 }],
  ])('is the same for 1, 2 and 5 workers, inline and pool: %s', async (_, made, goesOn) => {
    const initModel = await initialModel(made)
    const given = { input: tuesday, target: 'late', batchSize: 50, blockBytes: 512, initModel, ...goesOn }
    const [first, second, third] = await Promise.all([
      bytesOf({ ...given, workers: 1, placement: 'inline' }),
      bytesOf({ ...given, workers: 2, placement: 'pool' }),
      bytesOf({ ...given, workers: 5, placement: 'pool' }),
    ])
    expect(first.equals(second)).toBe(true)
    expect(first.equals(third)).toBe(true)
    const other = await bytesOf({ ...given, seed: 4 })
    expect(first.equals(other)).toBe(false)
  })

  it('is the same from a path, bytes and the model itself, and names it by its SHA-256', async () => {
    const path = await initialModel()
    const bytes = readFileSync(path)
    const sources = [path, new Uint8Array(bytes), await loadTrainedModel(path)]
    const models = await Promise.all(
      sources.map((initModel) => modelOf({ input: tuesday, target: 'late', initModel })),
    )
    const [first, ...others] = models.map((model) => Buffer.from(encodeModel(model)))
    for (const other of others) expect(other.equals(first!)).toBe(true)
    expect(models[0]!.provenance.options).toMatchObject({
      initModel: createHash('sha256').update(bytes).digest('hex'),
      freezePreprocessing: false,
    })
  })

  it('may be that of the initial model', async () => {
    const path = await initialModel()
    const before = readFileSync(path)
    await run({ input: tuesday, target: 'late', initModel: path, out: path })
    expect(readFileSync(path).equals(before)).toBe(false)
    expect((await loadTrainedModel(path)).kind).toBe('linear')
  })

  it('has all columns of the initial model, and the values of both days', async () => {
    const initModel = await initialModel()
    const valuesOf = ({ schema }: TrainedModel): readonly string[] =>
      schema.columns.flatMap((column) =>
        column.kind === 'category' && column.name === 'site' ? column.values : [],
      )
    const before = await loadTrainedModel(initModel)
    const after = await modelOf({ input: reordered, target: 'late', initModel })
    const rare = ['rare "0"', 'rare "1"', 'rare "2"', 'rare "3"']
    const sites = Array.from({ length: 9 }, (_, i) => `site ${i}`)
    expect(valuesOf(before)).toEqual(sites.slice(0, 7))
    expect(valuesOf(after)).toEqual([...rare, ...sites])
    expect(after.schema.columns.map(({ name }) => name)).toEqual(COLUMNS)
    const frozen = await modelOf({ input: reordered, target: 'late', initModel, freezePreprocessing: true })
    const uncounted = ({ schema }: TrainedModel): string =>
      JSON.stringify(schema, (key, value: unknown) =>
        ['counts', 'others', 'missing'].includes(key) ? undefined : value,
      )
    expect(uncounted(frozen)).toBe(uncounted(before))
    // Frozen, the new sites have taught their buckets.
    expect(frozen.categoryWeights.length).toBe(before.categoryWeights.length)
    const buckets = ({ categoryWeights }: TrainedModel): number[] => [...categoryWeights.subarray(7, 23)]
    expect(buckets(frozen)).not.toEqual(buckets(before))
  })

  it('counts the rows of this run alone', async () => {
    const bad = rowsFrom(ROWS).map((row, i) => (i % 100 === 7 ? { ...row, z: 'many' } : row))
    const input = write('bad.csv', csv(bad))
    const initModel = await initialModel()
    const goesOn = { target: 'late', initModel, onBadRow: 'skip', validation: 0.25 } as const
    const { rows, model } = doneOf(await run({ ...goesOn, input }))
    expect(rows.skipped).toBe(30)
    expect(rows.read).toBe(ROWS)
    expect(rows.trained + rows.validation + rows.skipped).toBe(ROWS)
    expect(model.provenance.rows).toEqual(rows)
  })
})

describe('going on', () => {
  it('with the second half of rows is about as good as to learn from both', async () => {
    const draw = (i: number, what: number): number => randomFraction(0, Purpose.Weights, what, i)
    // Each of 50 shops and 50 goods is a coin of its own.
    const lines = Array.from({ length: 9000 }, (_, i) => {
      const [shop, goods] = [Math.floor(draw(i, 1) * 50), Math.floor(draw(i, 2) * 50)]
      const bought = draw(i, 3) < (draw(shop, 4) + draw(goods, 5)) / 2
      return `shop ${shop},goods ${goods},${bought ? 'yes' : 'no'}`
    })
    const part = (name: string, from: number, to: number): string =>
      write(name, ['shop,goods,bought', ...lines.slice(from, to), ''].join('\n'))
    const [first, second, held] = [
      part('first.csv', 0, 2000),
      part('second.csv', 2000, 4000),
      part('held.csv', 4000, 9000),
    ]
    const given = { target: 'bought', ignore: [], epochs: 8 }
    const ofFirst = await initialModel({ ...given, input: first })
    const goesOn = join(folder, 'goes-on.safetensors')
    await run({ ...given, input: second, initModel: ofFirst, out: goesOn })
    const ofBoth = await initialModel({ ...given, input: [first, second] })
    const losses = await Promise.all(
      [ofFirst, goesOn, ofBoth].map(async (model) => (await evaluate({ model, input: held })).metrics.loss),
    )
    const [alone, continued, both] = losses as [number, number, number]
    expect(continued).toBeLessThan(alone)
    // Nearer to both halves than to one.
    expect(continued - both).toBeLessThan((alone - both) / 2)
  })

  it('works with a stream, several epochs, a kept cache and a validation file', async () => {
    const initModel = await initialModel()
    const given = { target: 'late', initModel, epochs: 3, validation: [monday], batchSize: 64 }
    const input = createReadStream(tuesday)
    const streamed = doneOf(await run({ ...given, input }))
    expect(streamed.rows.trained).toBe(ROWS)
    const cache = join(folder, 'cache')
    const [once, again] = [
      await bytesOf({ ...given, input: tuesday, cache }),
      await bytesOf({ ...given, input: tuesday, cache }),
    ]
    expect(again.equals(once)).toBe(true)
  })

  it('reads the new file as the old one was written, without a header too', async () => {
    const written = (rows: Row[]): string => csv(rows).split('\n').slice(1).join('\n').replaceAll(',', ';')
    const input = write('monday-bare.csv', written(rowsFrom(0)))
    const initModel = await initialModel({ input, header: false, target: 'c4', ignore: 'c5,c6' })
    const next = write('tuesday-bare.csv', written(rowsFrom(ROWS)))
    expect(doneOf(await run({ input: next, target: 'c4', initModel })).rows.trained).toBe(ROWS)
  })

  it('tells of columns that it passes over and of numbers of another size', async () => {
    const initModel = await initialModel()
    const larger = rowsFrom(ROWS).map((row) => ({ ...row, z: `${Number(row.z) * 1000}` }))
    const input = write('larger.csv', csv(larger, COLUMNS, 'note'))
    const warnings = (await run({ input, target: 'late', initModel })).filter(
      ({ type }) => type === 'warning',
    )
    const texts = warnings.map((event) => (event.type === 'warning' ? event.message : ''))
    expect(texts[0]).toMatch(/^column "note": not in the initial model/)
    expect(texts[1]).toMatch(/^column "z" is .* and was /)
  })

  it('goes on after an interruption with the same bits, and not from another model', async () => {
    for (const made of [{}, { hidden: '6', embedding: 4 }]) {
      const initModel = await initialModel(made)
      const given = {
        input: tuesday,
        target: 'late',
        initModel,
        epochs: 2,
        batchSize: 32,
        l2: 1e-3,
        minCount: 2,
      }
      const whole = await bytesOf(given)
      for (const at of [5, 60, 120]) {
        const checkpoint = join(folder, `checkpoint-${files++}`)
        const controller = new AbortController()
        await new Promise<void>((resolve, reject) => {
          let steps = 0
          train({ ...given, checkpoint, signal: controller.signal }).subscribe({
            next: (event) => event.type === 'step' && ++steps === at && controller.abort(),
            error: () => resolve(),
            complete: () => reject(new Error('it was not interrupted')),
          })
        })
        const resumed = { ...given, checkpoint, resume: true }
        const other = await initialModel({ ...made, seed: 4 })
        const refused = await refusal({ ...resumed, initModel: other })
        expect(refused).toMatchObject({ code: 'RESUME_MISMATCH', kind: 'usage' })
        expect(refused.message).toContain('initModel')
        expect(whole.equals(await bytesOf({ ...resumed, workers: 3, placement: 'pool' }))).toBe(true)
      }
    }
  })

  it.each(['linear-classes', 'linear-numbers', 'linear-amounts', 'network-embeddings'])(
    'works from a model that millrace 0.1.0 wrote: %s',
    async (name) => {
      const path = (file: string): string =>
        fileURLToPath(new URL(`../golden/format-1/${file}`, import.meta.url))
      const [initModel, input] = [path(`${name}.model`), path('rows.csv')]
      const { schema } = await loadTrainedModel(initModel)
      const out = join(folder, `${name}.safetensors`)
      const noStep = { learningRate: NO_STEP, l2: 0, epochs: 1 }
      await run({ input, target: schema.target.name, initModel, out, onBadRow: 'skip', ...noStep })
      const predicted = join(folder, `${name}.csv`)
      await predict({ model: out, input, out: predicted })
      expect(readFileSync(predicted, 'utf8')).toBe(readFileSync(path(`${name}.csv`), 'utf8'))
    },
  )
})

describe('an initial model is refused', () => {
  it.each<[Partial<TrainOptions>, string, RegExp]>([
    [{ target: 'kind' }, 'target', /predicts "late"/],
    [{ loss: 'hinge' }, 'loss', /has the loss logistic/],
    [{ huberDelta: 2 }, 'huberDelta', /no such setting/],
    [{ hidden: 8 }, 'hidden', /is linear/],
    [{ activation: 'relu' }, 'activation', /is linear/],
    [{ dropout: 0.1 }, 'dropout', /is linear/],
    [{ init: 'he' }, 'init', /none are drawn/],
    [{ features: 'site,x' }, 'features', /the feature "user" too/],
    [{ ignore: 'site' }, 'ignore', /"site" as a category/],
    [{ numeric: 'site' }, 'numeric', /"site" as a category/],
    [{ categorical: 'x' }, 'categorical', /"x" as a number/],
    [{ dates: 'when' }, 'dates', /no column "when"/],
    [{ interactions: 'site:user' }, 'interactions', /no interactions/],
    [{ hashBits: 3 }, 'hashBits', /has \d+ buckets/],
    [{ weight: 'z' }, 'weight', /no column of weights/],
    [{ na: 'NA' }, 'na', /takes NA,N\/A/],
    [{ standardize: false }, 'standardize', /does not leave numbers as they are/],
    [{ optimizer: 'ftrl' }, 'optimizer', /anew from 0/],
    [{ freezePreprocessing: true, minCount: 2 }, 'minCount', /no category is added/],
    [{ freezePreprocessing: true, initModel: undefined }, 'freezePreprocessing', /no model/],
  ])('with an option that it contradicts: %o', async (given, option, message) => {
    const initModel = await contradicted
    const error = await refusal({ input: tuesday, target: 'late', initModel, ...given })
    expect(error).toMatchObject({ code: 'OPTION_CONFLICT', kind: 'usage', place: { option } })
    expect(error.message).toMatch(message)
  })
  const contradicted = initialModel()

  it('but not with options that say what it is', async () => {
    const made = {
      hidden: '8,4',
      activation: 'tanh',
      layerNorm: true,
      embedding: 3,
      categorical: 'site',
      numeric: 'x',
    } as const
    const initModel = await initialModel(made)
    const goesOn = {
      ...made,
      input: tuesday,
      initModel,
      ignore: 'kind,amount,note',
      dropout: 0.1,
      loss: 'logistic',
    } as const
    const model = await modelOf(options({ ...goesOn }))
    expect(model).toMatchObject({
      network: { hidden: [8, 4], activation: 'tanh', layerNorm: true, embedding: 3 },
    })
    expect(model.provenance.options).toMatchObject({ optimizer: 'adam' })
  })

  it('where its data is not that of the model', async () => {
    const initModel = await initialModel()
    const given = { target: 'late', initModel }
    const renamed = csv(rowsFrom(ROWS)).replace('site', 'sites')
    const missing = await refusal({ ...given, input: write('renamed.csv', renamed) })
    expect(missing).toMatchObject({ code: 'MISSING_COLUMN', kind: 'run', hint: 'did you mean "sites"?' })
    const maybe = rowsFrom(ROWS).map((row, i) => (i === 9 ? { ...row, late: 'Yes!' } : row))
    const input = write('maybe.csv', csv(maybe))
    const unknown = await refusal({ ...given, input })
    expect(unknown).toMatchObject({ code: 'UNKNOWN_CLASS', kind: 'run', place: { column: 'late' } })
    expect(unknown.message).toContain('"Yes!"')
    expect(doneOf(await run({ ...given, input, onBadRow: 'skip' })).rows.skipped).toBe(1)
    const texts = rowsFrom(ROWS).map((row) => ({ ...row, z: `about ${row.z}` }))
    const odd = await refusal({ ...given, input: write('texts.csv', csv(texts)), onBadRow: 'skip' })
    expect(odd).toMatchObject({ code: 'COLUMN_KIND_DIFFERS', kind: 'run', place: { column: 'z' } })
    const ofAmounts = await initialModel({ target: 'amount' })
    const words = write(
      'words.csv',
      csv(rowsFrom(ROWS).map((row) => ({ ...row, amount: `${row.amount} EUR` }))),
    )
    expect(await refusal({ input: words, target: 'amount', initModel: ofAmounts })).toMatchObject({
      code: 'COLUMN_KIND_DIFFERS',
      place: { column: 'amount' },
    })
  })

  it('where it is none', async () => {
    const bytes = readFileSync(await initialModel())
    const damaged = join(folder, 'damaged.safetensors')
    writeFileSync(damaged, bytes.subarray(0, bytes.length - 4))
    const given = { input: tuesday, target: 'late' }
    const invalid = await refusal({ ...given, initModel: damaged })
    expect(invalid).toMatchObject({ code: 'MODEL_INVALID', kind: 'run' })
    expect(invalid.message).toContain('damaged.safetensors')
    expect(await refusal({ ...given, initModel: bytes.subarray(8) })).toMatchObject({ code: 'MODEL_INVALID' })
    expect(await refusal({ ...given, initModel: join(folder, 'none') })).toMatchObject({
      code: 'MODEL_NOT_READ',
    })
  })
})
