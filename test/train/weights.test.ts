/**
 * Weights of rows and of classes. The oracles: sums by hand, the same run with the weights written into a column, and
 * `evaluate` on the rows of each class.
 */
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { encodeModel, saveModel } from '../../src/artifact/index.js'
import type { DoneEvent, StartEvent } from '../../src/events.js'
import { evaluate } from '../../src/evaluate.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { ClassWeigher } from '../../src/flow/weigh-classes.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import { positionHash } from '../../src/numeric/murmur3.js'
import type { TrainOptions } from '../../src/options.js'
import { rowLayout } from '../../src/step/rows.js'
import { train } from '../../src/train.js'
import { fit, linear } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** Classes a, b and c of 7, 2 and 1 tenths of the rows; x and the weight w say something of them. */
const ROWS = 600
const records = Array.from({ length: ROWS }, (_, i) => {
  const y = i % 10 < 7 ? 'a' : i % 10 < 9 ? 'b' : 'c'
  const x = Math.floor((scattered(i) + (y === 'a' ? 0 : 0.4)) * 1024) / 1024
  return { x, c: `v${i % 5}`, w: 1 + (i % 3), y, two: y === 'a' ? 'no' : 'yes' }
})
type Row = (typeof records)[number]
const csv = (name: string, rows: readonly Row[], weight: (row: Row) => number = ({ w }) => w): string =>
  write(
    name,
    `x,c,w,y,two\n${rows.map((row) => `${row.x},${row.c},${String(weight(row))},${row.y},${row.two}\n`).join('')}`,
  )
const input = csv('rows.csv', records)
const three = { input, target: 'y', ignore: ['two', 'w'], batchSize: 50, workers: 1 } satisfies TrainOptions
const two = { ...three, target: 'two', ignore: ['y', 'w'] } satisfies TrainOptions

const bytes = (model: Model): Buffer => Buffer.from(encodeModel(model))
const weights = ({ weights: dense, bias, categoryWeights }: Model) => [dense, bias, categoryWeights]

async function eventsOf(options: TrainOptions): Promise<{ start: StartEvent; done: DoneEvent }> {
  const events = await lastValueFrom(train(options).pipe(toArray()))
  return { start: events[0] as StartEvent, done: events.at(-1) as DoneEvent }
}

describe('row weights', () => {
  it('decide the mean that the loss is', async () => {
    const file = write('numbers.csv', 'x,y,w\n1,1,1\n1,2,3\n1,5,0\n')
    const options = { input: file, target: 'y', weight: 'w', standardize: false, optimizer: 'sgd' } as const
    const once = { ...options, numeric: 'x', learningRate: 0.125, batchSize: 8, epochs: 1, workers: 1 }
    const { done } = await eventsOf(once)
    // By hand, at w = 0: (1·1² + 3·2² + 0·5²) / 4; the gradient of weight and bias is 2·(1·(0 − 1) + 3·(0 − 2)) / 4.
    expect(done.train.loss).toBe(13 / 4)
    expect([...linear(done.model).weights, ...linear(done.model).bias]).toEqual([
      (3.5 * 1) / 8,
      (3.5 * 1) / 8,
    ])
  })

  it('of the whole epoch weigh its mini-batches', async () => {
    const file = write('batches.csv', 'x,y,w\n1,1,1\n1,2,3\n1,5,4\n')
    const options = { input: file, target: 'y', weight: 'w', standardize: false, optimizer: 'sgd' } as const
    const still = { ...options, numeric: 'x', learningRate: 1e-30, batchSize: 1, epochs: 1, workers: 1 }
    const { done } = await eventsOf(still)
    // By hand: nothing is learned; (1·1 + 3·4 + 4·25) / 8.
    expect(done.train.loss).toBe(113 / 8)
    expect(done.progressive.loss).toBe(113 / 8)
  })

  it.each(['-1', 'NaN', '', 'inf', '1e39', 'x'])('that are none make a bad row: %j', async (weight) => {
    const file = write('bad-weight.csv', `x,y,w\n1,1,1\n2,2,3\n3,3,${weight}\n4,4,2\n`)
    const options = { input: file, target: 'y', weight: 'w', numeric: 'x', workers: 1, epochs: 1 }
    await expect(fit(options)).rejects.toMatchObject({
      code: 'BAD_WEIGHT',
      place: { line: 4, column: 'w' },
    })
    const { done } = await eventsOf({ ...options, onBadRow: 'skip' })
    expect([done.rows, done.badRows]).toEqual([
      { read: 4, trained: 3, validation: 0, skipped: 1 },
      { BAD_WEIGHT: 1 },
    ])
  })
})

describe('class weights', () => {
  const byClass: Record<string, number> = { a: 0.3, b: 1, c: 5.7 }

  it('are the weights of the rows of the class: the same model as with a column of them', async () => {
    const inOrder = { ...three, shuffle: false, epochs: 3 }
    const asColumn = csv('column.csv', records, ({ y }) => byClass[y]!)
    const { done } = await eventsOf({ ...inOrder, classWeight: 'a:0.3,c:5.7' })
    const written = await eventsOf({ ...inOrder, input: asColumn, ignore: 'two', weight: 'w' })
    expect(weights(linear(done.model))).toEqual(weights(linear(written.done.model)))
    expect(done.train).toEqual(written.done.train)
    expect(weights(await fit(inOrder))).not.toEqual(weights(linear(done.model)))
  })

  it('multiply the weights of the rows', async () => {
    const inOrder = { ...three, ignore: 'two', weight: 'w', shuffle: false, epochs: 2 }
    const powers: Record<string, number> = { a: 0.5, b: 4, c: 0 }
    const product = csv('product.csv', records, ({ y, w }) => powers[y]! * w)
    const one = await fit({ ...inOrder, classWeight: powers })
    expect(weights(one)).toEqual(weights(await fit({ ...inOrder, input: product })))
  })

  it('that are balanced come from the counts of the classes', async () => {
    const { start, done } = await eventsOf({ ...three, epochs: 1, classWeight: 'balanced' })
    // n / (k · n_c), by hand.
    expect(start.classWeights).toEqual({ a: 600 / (3 * 420), b: 600 / (3 * 120), c: 600 / (3 * 60) })
    expect(done.model.provenance.options['classWeight']).toBe(JSON.stringify(start.classWeights))
    const ofTwo = await eventsOf({ ...two, epochs: 1, classWeight: 'balanced' })
    expect(ofTwo.start.classWeights).toEqual({ no: 600 / (2 * 420), yes: 600 / (2 * 180) })
  })

  it('of booleans go by any spelling', async () => {
    const { start } = await eventsOf({ ...two, epochs: 1, classWeight: 'TRUE:3' })
    expect(start.classWeights).toEqual({ no: 1, yes: 3 })
  })

  it('leave the metrics alone, but for the loss that they make', async () => {
    const seed = 3
    const classWeight = { a: 0.25, c: 8 }
    const { done } = await eventsOf({
      ...three,
      ignore: 'two',
      weight: 'w',
      seed,
      validation: 0.3,
      epochs: 2,
      classWeight,
    })
    const model = join(folder, 'weighed.safetensors')
    await saveModel(model, done.model)
    let position = 'x,c,w,y,two\n'.length
    const heldOut = records.filter((row) => {
      const hash = positionHash(seed, position)
      position += `${row.x},${row.c},${row.w},${row.y},${row.two}\n`.length
      return hash < Math.round(0.3 * 2 ** 32)
    })
    const lossOn = async (rows: readonly Row[]): Promise<number> =>
      (await evaluate({ model, input: csv('part.csv', rows), workers: 1 })).metrics.loss
    expect(heldOut.length).toBe(done.rows.validation)
    const tolerance = 2 * heldOut.length * 2 ** -53
    expect(Math.abs((await lossOn(heldOut)) / done.validation!.loss - 1)).toBeLessThan(tolerance)
    // By class: Σ c·w·loss / Σ c·w.
    let loss = 0
    let weight = 0
    for (const [name, factor] of Object.entries({ b: 1, ...classWeight })) {
      const rows = heldOut.filter(({ y }) => y === name)
      const sum = rows.reduce((total, { w }) => total + w, 0) * factor
      loss += sum * (await lossOn(rows))
      weight += sum
    }
    expect(Math.abs(loss / weight / done.validation!['weightedLoss']! - 1)).toBeLessThan(tolerance)
  })

  it('give the same model for 1, 2 and 5 workers, inline and pool, from memory, file and kept cache', async () => {
    const options = () => ({ ...three, validation: 0.1, epochs: 3, classWeight: 'balanced', blockBytes: 400 })
    const first = bytes(await fit({ ...options(), placement: 'inline' }))
    for (const workers of [2, 5]) {
      expect(first.equals(bytes(await fit({ ...options(), workers, placement: 'pool' })))).toBe(true)
    }
    const cache = join(folder, 'cache')
    for (let run = 0; run < 2; run++) {
      expect(first.equals(bytes(await fit({ ...options(), cache })))).toBe(true)
    }
    const other = { ...options(), classWeight: 'c:2' }
    expect(bytes(await fit({ ...other, cache })).equals(bytes(await fit(other)))).toBe(true)
  })

  it('are refused where there is no such class, or none at all', async () => {
    const refused = { code: 'CLASS_WEIGHT', kind: 'usage' }
    await expect(fit({ ...three, classWeight: 'A:2' })).rejects.toMatchObject({
      ...refused,
      hint: 'did you mean "a"?',
    })
    await expect(fit({ ...three, classWeight: 'a:0,b:0,c:0' })).rejects.toMatchObject(refused)
    const number = { ...three, target: 'x', ignore: ['two', 'w', 'y'], classWeight: 'balanced' }
    await expect(fit(number)).rejects.toMatchObject(refused)
  })
})

describe('rows that are weighed for a while', () => {
  it('have their weights back to the bit', () => {
    const memory = new SharedMemory(compileKernel())
    const layout = rowLayout(2, 0)
    const rows = memory.allocate('rows', 5 * layout.strideWords * 4)
    const words = memory.f32(rows)
    for (let i = 0; i < 5; i++) {
      words[i * layout.strideWords + layout.labelWord] = i % 2
      words[i * layout.strideWords + layout.weightWord] = 0.1 * i
    }
    const before = words.slice()
    const weigher = new ClassWeigher(memory, layout, Float64Array.of(3, 0))
    weigher.whileWeighed(rows.start, 5, () => {
      const seen = [0, 1, 2, 3, 4].map((i) => words[i * layout.strideWords + layout.weightWord])
      // By hand, each factor and each product rounded to f32.
      expect(seen).toEqual([0, 0, Math.fround(3 * Math.fround(0.2)), 0, Math.fround(3 * Math.fround(0.4))])
    })
    expect(words).toEqual(before)
  })
})
