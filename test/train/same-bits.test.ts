/**
 * P1: the model file depends on input, options, seed and version alone. The oracle is another run of the same options
 * with other workers, another placement, or later: equal byte for byte.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { fit } from '../linear.js'
import { CORNER_TARGETS, cornerRecords, cornersCsv, scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
const corners = write('corners.csv', cornersCsv(700, false))
const targets = Object.values(CORNER_TARGETS)

/** Just above the longest record: record borders then fall everywhere, in quotes and between CR and LF. */
const longest = Math.max(...cornerRecords(700).map((record) => record.length))
const TINY = Math.max(64, longest)

type Options = Partial<TrainOptions> & { target: string }

function optionsFor(options: Options): TrainOptions {
  const ignore = targets.filter((name) => name !== options.target)
  return {
    input: corners,
    ignore,
    weight: 'w',
    validation: 0.2,
    epochs: 2,
    batchSize: 50,
    seed: 7,
    ...options,
  }
}

async function bytesOf(options: Options): Promise<Buffer> {
  return Buffer.from(encodeModel(await fit(optionsFor(options))))
}

const machines: Partial<TrainOptions>[] = [
  { workers: 1, placement: 'inline' },
  { workers: 2, placement: 'pool' },
  { workers: 5, placement: 'pool' },
]

async function expectSameBits(options: Options, on = machines.slice(0, 2)): Promise<Buffer> {
  const [first, ...others] = await Promise.all(on.map((machine) => bytesOf({ ...options, ...machine })))
  // equals() and not toEqual(): a difference in a megabyte of bytes is no message.
  for (const [i, other] of others.entries()) {
    expect(first!.equals(other), `${JSON.stringify(on[0])} and ${JSON.stringify(on[i + 1])}`).toBe(true)
  }
  return first!
}

describe.each(Object.entries(CORNER_TARGETS))('the model file with loss %s', (loss, target) => {
  const options = { target, loss: loss as keyof typeof CORNER_TARGETS }

  it('is the same for 1, 2 and 5 workers, inline and pool, with record borders everywhere', async () => {
    const first = await expectSameBits({ ...options, blockBytes: TINY }, machines)
    expect(first.equals(await bytesOf({ ...options, blockBytes: TINY, workers: 2, placement: 'auto' }))).toBe(
      true,
    )
  })

  it('is the same with blocks of the default size', async () => {
    await expectSameBits(options)
  })

  it('changes with the seed, so that equal bytes mean something', async () => {
    const [one, other] = await Promise.all([bytesOf(options), bytesOf({ ...options, seed: 8 })])
    expect(one.equals(other)).toBe(false)
  })
})

describe('the model file is the same for 1 and 2 workers, inline and pool', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['one lane', { lanes: 1, blockBytes: 1000 }],
    ['file order', { shuffle: false, blockBytes: TINY }],
    ['three lanes', { lanes: 3, blockBytes: TINY }],
    ['momentum, L2', { optimizer: 'momentum', l2: 0.01 }],
    ['adam, one shard', { optimizer: 'adam', shards: 1 }],
    ['sgd, 64 shards, a schedule', { optimizer: 'sgd', shards: 64, schedule: 'inverse-scaling', warmup: 3 }],
    ['more categories than the dense limit', { hashBits: 13, minCount: 1 }],
    ['hashed categories', { hashBits: 13 }],
    ['ftrl, l1, hashed categories', { hashBits: 13, optimizer: 'ftrl', l1: 0.1, learningRate: 0.3 }],
    [
      'adamw, elastic net, clipping, averaging, one cycle, hashed categories',
      {
        hashBits: 13,
        optimizer: 'adamw',
        l1: 0.001,
        l2: 0.01,
        clipNorm: 0.5,
        clipValue: 0.2,
        averageWeights: true,
        schedule: 'one-cycle',
      },
    ],
    [
      'rmsprop, plateau',
      { optimizer: 'rmsprop', schedule: 'plateau', scheduleSettings: 'patience=0', learningRate: 0.01 },
    ],
    ['a mini-batch larger than all slots', { lanes: 2, blockBytes: TINY, batchSize: 5000 }],
    ['huber', { target: 'amount', loss: 'huber', huberDelta: 0.7 }],
    ['quantile', { target: 'amount', loss: 'quantile', quantile: 0.9 }],
    ['poisson', { target: 'z', loss: 'poisson' }],
    ['gamma', { target: 'w', loss: 'gamma', weight: undefined }],
    ['tweedie', { target: 'z', loss: 'tweedie', tweediePower: 1.3 }],
    ['hinge', { loss: 'hinge' }],
    ['squared hinge', { loss: 'squared-hinge' }],
  ])('%s', async (_name, options) => {
    await expectSameBits({ target: 'late', ...options })
  })

  it('bad rows left out', async () => {
    const records = cornerRecords(600).flatMap((record, i) =>
      i % 5 === 3 ? [record, 'ragged,row\n'] : [record],
    )
    const input = write('bad.csv', records.join(''))
    await expectSameBits({ target: 'late', input, onBadRow: 'skip', blockBytes: TINY })
  })

  it('several files', async () => {
    const parts = [300, 5, 120].map((rows, i) => write(`part-${i}.csv`, cornersCsv(rows, i !== 1)))
    await expectSameBits({ target: 'kind', input: parts, blockBytes: TINY })
    await expectSameBits({ target: 'kind', input: parts, blockBytes: TINY, shuffle: false })
  })

  it('a file so large that record borders are guessed', async () => {
    const large = write('large.csv', cornersCsv(40_000))
    expect(readFileSync(large).length).toBeGreaterThan(1 << 20)
    await expectSameBits({ target: 'late', input: large, epochs: 1, batchSize: 512 })
  })
})

describe('the size of blocks', () => {
  it('changes nothing in file order but where the rows come from', async () => {
    const weights = (model: Model) => [model.weights, model.bias, model.categoryWeights]
    const [small, large] = await Promise.all(
      [TINY, 5000].map(async (blockBytes) =>
        fit(optionsFor({ target: 'amount', shuffle: false, blockBytes })),
      ),
    )
    expect(weights(small!)).toEqual(weights(large!))
  })
})

describe('sparse category gradients', () => {
  it('leave the same weights as dense ones', async () => {
    // 2^4 buckets keep all category weights within the dense path, 2^13 do not. All values are in the vocabulary, so
    // the buckets are never met and the weights of the vocabulary must be the same bits.
    const at = { target: 'late', optimizer: 'adagrad', workers: 1, maxCategories: 100 } as const
    const [dense, sparse] = await Promise.all(
      [4, 13].map(async (hashBits) => fit(optionsFor({ ...at, hashBits }))),
    )
    const column = dense!.schema.columns.find(({ kind }) => kind === 'category')!
    const values = column.kind === 'category' ? column.values.length : 0
    expect(values).toBe(12)
    expect(dense!.weights).toEqual(sparse!.weights)
    expect(dense!.categoryWeights.slice(0, values)).toEqual(sparse!.categoryWeights.slice(0, values))
    expect(dense!.categoryWeights.slice(0, values).some((weight) => weight !== 0)).toBe(true)
  })
})

describe('standard input', () => {
  const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

  /** Writes in pieces of `piece` bytes, so that reads end anywhere. */
  async function trainFromPipe(text: string, piece: number, out: string, ...args: string[]): Promise<Buffer> {
    const file = join(folder, out)
    const child = spawn(
      process.execPath,
      [main, 'train', '-', '--target', 'y', '--quiet', '-o', file, ...args],
      {
        stdio: ['pipe', 'ignore', 'pipe'],
      },
    )
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    for (let at = 0; at < text.length; at += piece) {
      if (!child.stdin.write(text.slice(at, at + piece)))
        await new Promise((drained) => child.stdin.once('drain', drained))
    }
    child.stdin.end()
    expect([await ended, complaint]).toEqual([0, ''])
    return readFileSync(file)
  }

  it('gives the same bits however the bytes arrive, for 1 and 3 workers', async () => {
    const lines = ['x,c,y']
    for (let i = 0; i < 3000; i++)
      lines.push(`${scattered(i).toFixed(5)},"v\n${i % 13}",${i % 3 === 0 ? 'a' : 'b'}`)
    const text = lines.join('\n')
    const fixed = ['--block-bytes', '700', '--shuffle-buffer', '4KB', '--validation', '0.1']
    const [one, other] = await Promise.all([
      trainFromPipe(text, 64 << 10, 'one.safetensors', ...fixed, '--workers', '1', '--placement', 'inline'),
      trainFromPipe(text, 777, 'other.safetensors', ...fixed, '--workers', '3', '--placement', 'pool'),
    ])
    expect(one.equals(other)).toBe(true)
  })
})
