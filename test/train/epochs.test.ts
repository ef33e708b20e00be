/** Epochs after the first read the cache. Oracles: the same rows written twice into one file, and other runs. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../../src/artifact/index.js'
import type { EpochEvent } from '../../src/events.js'
import type { LinearModel as Model } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { fit } from '../linear.js'
import { cornerRecords, scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** 12 numbers and a category a row, 64 bytes encoded: more rows than a cache of 2 MiB holds. */
const ROWS = 50_000
const wideLines = Array.from({ length: ROWS }, (_, i) => {
  const numbers = Array.from({ length: 12 }, (_n, c) => Math.floor(scattered(i * 12 + c) * 256) / 64 - 2)
  return `${numbers.join(',')},v${i % 7},${numbers[0]! + numbers[1]! > scattered(i, 0.7548776662) ? 'a' : 'b'}\n`
})
const HEADER = `${Array.from({ length: 12 }, (_, c) => `x${c}`).join(',')},c,y\n`
const wide = write('wide.csv', HEADER + wideLines.join(''))
const wideOptions: TrainOptions = { input: wide, target: 'y', blockBytes: 20_000, batchSize: 1000, seed: 3 }

/** The weights of a model: its provenance also tells how much memory it was given. */
const weights = ({ weights: w, bias, categoryWeights, provenance }: Model) => ({
  values: [...w, ...bias, ...categoryWeights],
  rows: provenance.rows,
  validation: provenance.validation,
})

describe('later epochs', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['lanes', { validation: 0.1 }],
    ['file order', { shuffle: false, validation: 0.1 }],
    ['one lane', { lanes: 1 }],
  ])(
    'give the same weights from memory and from a file, for 1, 2 and 5 workers: %s',
    async (_name, options) => {
      const at = { ...wideOptions, epochs: 3, ...options }
      const inMemory = weights(await fit({ ...at, workers: 1, placement: 'inline', memory: '64MiB' }))
      for (const workers of [1, 2, 5]) {
        expect(weights(await fit({ ...at, workers, placement: 'pool', memory: '4MiB' }))).toEqual(inMemory)
      }
    },
  )

  it('in file order learn what a file teaches that holds the rows twice', async () => {
    const once = cornerRecords(600)
    const twice = [...once, ...cornerRecords(600).slice(1)]
    // A batch that divides the rows; nothing is fitted on the sample but the vocabulary.
    const options = {
      target: 'late',
      ignore: ['amount', 'kind'],
      shuffle: false,
      standardize: false,
      batchSize: 50,
      blockBytes: 700,
    }
    const [epochs, rows] = await Promise.all([
      fit({ ...options, input: write('once.csv', once.join('')), epochs: 2 }),
      fit({ ...options, input: write('twice.csv', twice.join('')), epochs: 1 }),
    ])
    expect(weights(epochs).values).toEqual(weights(rows).values)
    expect(epochs.provenance.steps).toBe(24)
  })

  it('account for every row as the first does', async () => {
    const records = cornerRecords(600).flatMap((record, i) =>
      i % 50 === 3 ? [record, 'ragged,row\n'] : [record],
    )
    const epochs: EpochEvent[] = []
    await new Promise<void>((resolve, reject) => {
      train({
        input: write('ragged.csv', records.join('')),
        target: 'kind',
        ignore: ['amount', 'late'],
        onBadRow: 'skip',
        maxBadRows: 12,
        validation: 0.2,
        epochs: 3,
        blockBytes: 700,
      }).subscribe({
        next: (event) => {
          if (event.type === 'epoch') epochs.push(event)
        },
        error: reject,
        complete: resolve,
      })
    })
    const [first, second, third] = epochs.map(({ rows }) => rows)
    expect(first!.read).toBe(612)
    expect(first!.skipped).toBe(12)
    expect(first!.validation).toBeGreaterThan(60)
    expect(second).toEqual(first)
    expect(third).toEqual(first)
  })

  it('come in another order every time, drawn from the seed', async () => {
    const losses = async (seed: number): Promise<number[]> => {
      const found: number[] = []
      // The learning rate is too small to change a weight: the loss of a step tells which rows it took.
      const tiny = { learningRate: 1e-30, epochs: 3, seed, input: wide, target: 'x3', batchSize: 500 }
      await new Promise<void>((resolve, reject) => {
        train({ ...tiny, blockBytes: 20_000 }).subscribe({
          next: (event) => {
            if (event.type === 'step') found.push(event.loss)
          },
          error: reject,
          complete: resolve,
        })
      })
      return found
    }
    const [one, same, other] = await Promise.all([losses(1), losses(1), losses(2)])
    const steps = one.length / 3
    const epoch = (list: number[], i: number) => list.slice(i * steps, (i + 1) * steps)
    expect(same).toEqual(one)
    expect(epoch(other, 1)).not.toEqual(epoch(one, 1))
    expect(epoch(one, 2)).not.toEqual(epoch(one, 1))
    // The same rows all the same: the mean of the losses differs by rounding alone.
    const mean = (list: number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length
    expect(mean(epoch(one, 1))).toBeCloseTo(mean(epoch(one, 0)), 5)
    expect(mean(epoch(one, 2))).toBeCloseTo(mean(epoch(one, 0)), 5)
  })
})

describe('standard input', () => {
  const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

  async function trainFromPipe(text: string, out: string, args: string[], environment = {}) {
    const file = join(folder, out)
    const fixed = ['train', '-', '--target', 'y', '--quiet', '-o', file]
    const child = spawn(process.execPath, [main, ...fixed, ...args], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
    return { code: await ended, complaint, model: () => readFileSync(file) }
  }

  const lines = Array.from({ length: 3000 }, (_, i) => {
    const x = Math.floor(scattered(i) * 256) / 64
    return `${x},v${i % 13},${x > 2 ? 'a' : 'b'}\n`
  })

  it('can be passed over several times, with the same bits for 1 and 3 workers', async () => {
    const args = ['--block-bytes', '700', '--shuffle-buffer', '4KB', '--validation', '0.1', '--epochs', '3']
    const text = `x,c,y\n${lines.join('')}`
    const runs = await Promise.all([
      trainFromPipe(text, 'one.safetensors', [...args, '--workers', '1', '--placement', 'inline']),
      trainFromPipe(text, 'three.safetensors', [...args, '--workers', '3', '--placement', 'pool']),
    ])
    expect(runs.map(({ code, complaint }) => [code, complaint])).toEqual([
      [0, ''],
      [0, ''],
    ])
    expect(runs[0].model().equals(runs[1].model())).toBe(true)
  })

  it('says what to do where the temporary file cannot be made', async () => {
    const text = HEADER + wideLines.join('')
    const args = ['--epochs', '2', '--memory', '4MiB']
    const { code, complaint } = await trainFromPipe(text, 'none.safetensors', args, { TMPDIR: '/dev/null' })
    expect(code).toBe(1)
    expect(complaint).toMatch(/encoded rows could not be written/)
    expect(complaint).toMatch(/TMPDIR/)
  })

  it('has the default epochs of a file of its size', async () => {
    const { model } = await trainFromPipe(`x,c,y\n${lines.join('')}`, 'default.safetensors', [])
    expect(decodeModel(model()).provenance.epochs).toBe(50)
  })
})

describe('a model trained in several epochs', () => {
  it('is the same file when it is trained again', async () => {
    const options = { ...wideOptions, epochs: 2, validation: 0.05 }
    const [one, other] = await Promise.all([
      fit({ ...options, workers: 1 }),
      fit({ ...options, workers: 3, placement: 'pool' }),
    ])
    expect(Buffer.from(encodeModel(one)).equals(Buffer.from(encodeModel(other)))).toBe(true)
  })
})
