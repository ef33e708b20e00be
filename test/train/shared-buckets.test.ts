/** Buckets that all categories share. Oracle: the formula of docs/model-file.md, with the hash of the published test vectors. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeModel, loadTrainedModel, saveModel } from '../../src/artifact/index.js'
import { evaluate, predict } from '../../src/index.js'
import type { LinearModel } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { murmur3 } from '../../src/numeric/murmur3.js'
import { commas } from '../dialect.js'
import { fit } from '../linear.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const BUCKETS = 64
const utf8 = new TextEncoder()

/** Index of a value of the category column or interaction with this number. */
function bucketOf(value: string, slot: number): number {
  return (murmur3(utf8.encode(value)) + Math.imul(slot, 0x9e3779b1)) & (BUCKETS - 1)
}

/** A model whose prediction is the sum of the weights of a row's categories; index i has the weight 2^-20·i². */
const model: LinearModel = {
  kind: 'linear',
  schema: {
    dialect: commas,
    columns: [
      { kind: 'category', name: 'from', values: [], buckets: 0 },
      { kind: 'category', name: 'to', values: [], buckets: 0 },
      { kind: 'target', name: 'y' },
    ],
    interactions: [{ kind: 'interaction', name: 'from:to', columns: ['from', 'to'], values: [], buckets: 0 }],
    sharedBuckets: BUCKETS,
    target: { kind: 'number', name: 'y', mean: 0, scale: 1 },
  },
  loss: 'squared',
  lossSettings: {},
  outputs: 1,
  weights: new Float32Array(0),
  bias: new Float32Array(1),
  // The last three: "missing" of each.
  categoryWeights: Float32Array.from({ length: BUCKETS + 3 }, (_, i) => (i * i) / 2 ** 20),
  provenance: {
    version: '0.1.0',
    seed: 0,
    options: {},
    epochs: 1,
    steps: 1,
    rows: { read: 1, trained: 1, validation: 0, skipped: 0 },
    train: { loss: 0 },
    validation: undefined,
  },
}
const weightOf = (index: number): number => model.categoryWeights[index]!

describe('shared buckets', () => {
  it('are those of the formula, another one in each column for the same text', async () => {
    const places = Array.from({ length: 200 }, (_, i) => `place ${i}`)
    const input = write('places.csv', `from,to\n${places.map((name) => `${name},${name}\n`).join('')},\n`)
    const file = `${folder}/places.safetensors`
    const out = `${folder}/predictions.csv`
    await saveModel(file, model)
    await predict({ model: file, input, out, workers: 1 })
    const found = readFileSync(out, 'utf8').trim().split('\n').slice(1).map(Number).map(Math.fround)
    const expected = places.map(
      (name) =>
        weightOf(bucketOf(name, 0)) +
        weightOf(bucketOf(name, 1)) +
        weightOf(bucketOf(`${name}\x1f${name}`, 2)),
    )
    const missing = weightOf(BUCKETS) + weightOf(BUCKETS + 1) + weightOf(BUCKETS + 2)
    // Sums of three multiples of 2^-20 below 2^-6 are exact in f32, which is written in as few digits as tell it.
    expect(found).toEqual([...expected, missing])
  })

  it('are met by each column as by chance, and by the same text in two columns as by chance', () => {
    const texts = Array.from({ length: 64_000 }, (_, i) => `value ${i}`)
    for (const other of [1, 2, 25]) {
      const same = texts.filter((text) => bucketOf(text, 0) === bucketOf(text, other)).length
      const next = texts.filter(
        (text, i) => bucketOf(text, 0) === bucketOf(texts[(i + 1) % texts.length]!, other),
      ).length
      // The same text never meets itself: the salts differ. Two texts do with the chance 1/64, 1000 of 64,000; 6 deviations of √1000.
      expect(same).toBe(0)
      expect(Math.abs(next - 1000)).toBeLessThan(6 * Math.sqrt(1000))
    }
  })

  it('are learned, kept, and found again: a model read from its file scores as the run did', async () => {
    const lines = Array.from({ length: 900 }, (_, i) => {
      const [from, to] = [i % 17, (i * 5) % 13]
      return `a${from},${to === 3 ? '' : `a${to}`},${scattered(i).toFixed(3)},${(from + to) % 3 > 0 ? 'yes' : 'no'}\n`
    })
    const input = write('learned.csv', `from,to,x,y\n${lines.join('')}`)
    const options = { input, target: 'y', hashBits: 10, interactions: 'from:to,x:to', batchSize: 32 }
    const out = `${folder}/learned.safetensors`
    const found = await fit({ ...options, out, workers: 1 })
    expect(found.schema.sharedBuckets).toBe(1024)
    expect(found.categoryWeights).toHaveLength(1024 + 4)
    expect((await loadTrainedModel(out)).categoryWeights).toEqual(found.categoryWeights)
    const { metrics } = await evaluate({ model: out, input })
    // The mean of y is 0.67; a model that knows nothing has a log loss of 0.64.
    expect(metrics['logLoss']).toBeLessThan(0.4)
    // Few enough that a mini-batch meets each through several columns: the same bits wherever it is computed.
    const few = { ...options, hashBits: 3, clipNorm: 0.1 }
    const bytes = async (machine: Partial<TrainOptions>) => encodeModel(await fit({ ...few, ...machine }))
    const inline = await bytes({ workers: 1, placement: 'inline' })
    expect(await bytes({ workers: 2, placement: 'pool' })).toEqual(inline)
    expect(await bytes({ workers: 5, placement: 'pool', memory: '48MiB' })).toEqual(
      await bytes({ workers: 1, memory: '48MiB' }),
    )
  })

  it('are not laid out where there is no category', async () => {
    const input = write('numbers.csv', 'x,y\n0.5,1.5\n1.25,2.5\n2,4\n')
    const found = await fit({ input, target: 'y', hashBits: 20 })
    expect(found.categoryWeights).toHaveLength(0)
  })
})
