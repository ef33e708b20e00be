/** Networks from end to end: same bits wherever they run, the reference agrees, and they learn what no line can tell. */
import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../../src/artifact/index.js'
import { activationNames } from '../../src/activation/index.js'
import type { NetworkModel } from '../../src/model/model.js'
import type { TrainOptions } from '../../src/options.js'
import { fit } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { write } = temporaryFolder()

/** The label is the exclusive or of two signs and of whether c is among the first two of 40 values; rare ones come late. */
function lines(rows: number): string[] {
  return Array.from({ length: rows }, (_, i) => {
    const a = scattered(i) * 2 - 1
    const b = scattered(i, 0.7548776662) * 2 - 1
    const c = Math.floor(scattered(i, 0.5698402909) ** 2 * (i < rows / 2 ? 4 : 40))
    return `${a.toFixed(4)},${b.toFixed(4)},v${c},${a * b > 0 === c < 2 ? 'yes' : 'no'}\n`
  })
}

const input = write('xor.csv', 'a,b,c,y\n' + lines(2000).join(''))
const base: TrainOptions = { input, target: 'y', validation: 0.2, hidden: [13, 7], batchSize: 64, seed: 3 }
const bytes = async (options: Partial<TrainOptions>): Promise<Buffer> =>
  Buffer.from(encodeModel(await fit({ ...base, epochs: 2, ...options })))

const kinds: Partial<TrainOptions>[] = [
  {},
  { embedding: 0 },
  { activation: 'gelu', layerNorm: true, dropout: 0.2, interactions: 'a:c' },
  { activation: 'tanh', embedding: 3, blockBytes: 512, maxCategories: 20 },
]

describe.each(kinds)('a network with %j', (kind) => {
  it('has the same bits for every number of workers and everywhere', async () => {
    const first = await bytes({ ...kind, workers: 1, placement: 'inline' })
    for (const workers of [2, 5]) {
      expect((await bytes({ ...kind, workers, placement: 'pool' })).equals(first)).toBe(true)
    }
  })

  it('comes back from its file as it was written', async () => {
    const file = await bytes({ ...kind, workers: 1 })
    expect(Buffer.from(encodeModel(decodeModel(file))).equals(file)).toBe(true)
  })

  // 25 steps of Adam move a weight by about 0.001 each: to agree within one step takes the same gradients, not luck.
  it('agrees with the reference', async () => {
    const options = { ...base, ...kind, epochs: 1, workers: 1 }
    const [kernel, reference] = (await Promise.all(
      (['wasm', 'reference'] as const).map((backend) => fit({ ...options, backend })),
    )) as unknown as [NetworkModel, NetworkModel]
    kernel.layers.forEach(({ weights }, layer) => {
      const expected = reference.layers[layer]!.weights
      for (let i = 0; i < weights.length; i++) {
        expect(Math.abs(weights[i]! - expected[i]!)).toBeLessThan(1e-3)
      }
    })
  })
})

it('a network learns an exclusive or', async () => {
  const model = await fit({ ...base, hidden: [16, 8], epochs: 60, learningRate: 0.01, workers: 1 })
  expect(model.provenance.validation!['accuracy']).toBeGreaterThan(0.9)
})

describe('a network of nothing but categories', () => {
  /** The label is whether just one of two values among 6 is even, which no sum over values can tell; rare ones come late. */
  const parities = Array.from({ length: 1500 }, (_, i) => {
    const [a, b] = [scattered(i), scattered(i, 0.7548776662)].map((x) => Math.floor(x * 6)) as [
      number,
      number,
    ]
    const rare = i > 1000 && i % 50 === 0 ? `r${i}` : 'usual'
    return `p${a},p${b},${rare},${(a + b) % 2 === 0 ? 'even' : 'odd'}\n`
  })
  const path = write('parities.csv', 'a,b,rare,y\n' + parities.join(''))
  const parity = {
    input: path,
    target: 'y',
    validation: 0.2,
    batchSize: 32,
    seed: 1,
    learningRate: 0.01,
    schedule: 'constant',
    l2: 0,
  } satisfies TrainOptions
  const accuracy = async (options: Partial<TrainOptions>): Promise<number> =>
    (await fit({ ...parity, workers: 1, ...options })).provenance.validation!['accuracy']!

  it('learns what a linear model does not, with every activation', async () => {
    expect(await accuracy({ epochs: 20 })).toBeLessThan(0.65)
    for (const activation of activationNames) {
      for (const embedding of [0, 4]) {
        const found = await accuracy({ hidden: [12], activation, embedding, epochs: 40 })
        expect(found, `${activation}, embeddings of ${embedding}`).toBeGreaterThan(0.95)
      }
    }
  })

  // Weight decay changes values that no row has had yet: it must not matter when their column came to have room for them.
  it.each([0, 4, 200])(
    'has the same bits for every number of workers, with embeddings of %i',
    async (embedding) => {
      const options = {
        ...parity,
        hidden: [12],
        embedding,
        optimizer: 'adamw',
        weightDecay: 0.1,
        blockBytes: 512,
      } as const
      const [first, ...others] = await Promise.all(
        [1, 2, 5].map(async (workers) =>
          Buffer.from(encodeModel(await fit({ ...options, averageWeights: true, epochs: 2, workers }))),
        ),
      )
      for (const other of others) expect(other.equals(first!)).toBe(true)
    },
  )
})
