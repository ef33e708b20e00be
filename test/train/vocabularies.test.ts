/**
 * Whole runs whose vocabularies grow. Oracles: another run of the same options on another machine (byte for byte), the
 * values that the file was written with, and a run that hashes what the sample did not show.
 */
import { spawn } from 'node:child_process'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { encodeModel, loadTrainedModel } from '../../src/artifact/index.js'
import { evaluate } from '../../src/evaluate.js'
import type { DoneEvent } from '../../src/events.js'
import type { TrainedModel } from '../../src/model/index.js'
import type { TrainOptions } from '../../src/options.js'
import type { CategoryColumn } from '../../src/schema/schema.js'
import { positionHash } from '../../src/numeric/murmur3.js'
import { train } from '../../src/train.js'
import { scattered, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()

/** The sample is the first 8 KB of each of 256 stretches: it shows a part of these rows only. */
const ROWS = 16_000
const PADDING = 'p'.repeat(200)

interface Row {
  site: string
  user: string
  x: number
  y: string
}

/** Every third site is one of 2,000 rare ones, met two or three times each; a user is met 40 times. */
const rows = Array.from({ length: ROWS }, (_, i): Row => {
  const site = i % 3 === 0 ? `rare "${Math.floor(scattered(i) * 2000)}"` : `site ${i % 7}`
  const user = i % 11 === 0 ? '' : `ü${Math.floor(i / 40)}`
  return { site, user, x: scattered(i, 0.7548776662), y: scattered(i) + (i % 7) / 20 > 0.6 ? 'yes' : 'no' }
})

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const line = ({ site, user, x, y }: Row): string =>
  `${quoted(site)},${user},${x.toFixed(4)},${PADDING},${y}\n`
const HEAD = 'site,user,x,padding,y\n'
const input = write('grows.csv', HEAD + rows.map(line).join(''))

const base: TrainOptions = {
  input,
  target: 'y',
  ignore: 'padding',
  validation: 0.2,
  epochs: 1,
  batchSize: 100,
  seed: 7,
}

async function run(options: Partial<TrainOptions> = {}): Promise<DoneEvent> {
  return new Promise((resolve, reject) => {
    train({ ...base, ...options }).subscribe({
      next: (event) => event.type === 'done' && resolve(event),
      error: reject,
    })
  })
}

const bytesOf = async (options: Partial<TrainOptions>): Promise<Buffer> =>
  Buffer.from(encodeModel((await run(options)).model))

const vocabulary = (model: TrainedModel, name: string): readonly string[] =>
  model.schema.columns.find((column): column is CategoryColumn => column.name === name)!.values

/** Values of a column that the file holds at least so often. */
function valuesMet(name: 'site' | 'user', atLeast: number): string[] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row[name], (counts.get(row[name]) ?? 0) + 1)
  counts.delete('')
  return [...counts].flatMap(([value, count]) => (count >= atLeast ? [value] : [])).sort()
}

describe('the model file is the same for 1, 2 and 5 workers while vocabularies grow', () => {
  const machines: Partial<TrainOptions>[] = [
    { workers: 1, placement: 'inline' },
    { workers: 2, placement: 'pool' },
    { workers: 5, placement: 'inline' },
  ]
  const parts = [0, 1, 2].map((part) => {
    const some = rows.filter((_, i) => Math.floor((i * 3) / ROWS) === part)
    // The second file has its columns in another order.
    const text =
      part === 1
        ? 'y,padding,user,x,site\n' +
          some.map(({ site, user, x, y }) => `${y},${PADDING},${user},${x},${quoted(site)}\n`).join('')
        : HEAD + some.map(line).join('')
    return write(`part-${part}.csv`, text)
  })
  const bad = write(
    'bad.csv',
    HEAD +
      rows
        // A new value before the fault, which must not be counted, in every fifth row.
        .flatMap((row, i) => [line(row), ...(i % 5 === 0 ? [`bad ${i},bad,no number,,yes\n`] : [])])
        .join(''),
  )
  it.each<[string, Partial<TrainOptions>]>([
    ['blocks of a few rows', { blockBytes: 2000 }],
    ['values met three times', { minCount: 3, blockBytes: 5000 }],
    ['a limit', { maxCategories: 1000, epochs: 2 }],
    ['adam, in file order', { optimizer: 'adam', shuffle: false, blockBytes: 20_000 }],
    ['three lanes, momentum, L2', { lanes: 3, optimizer: 'momentum', l2: 0.001, blockBytes: 9000 }],
    ['several files', { input: parts, blockBytes: 3000 }],
    ['interactions', { interactions: 'site:user,x:user', minCount: 2, input: parts, blockBytes: 4000 }],
    ['bad rows', { input: bad, onBadRow: 'skip', blockBytes: 3000 }],
  ])('%s', async (_name, options) => {
    const first = await bytesOf({ ...options, ...machines[0] })
    const others: Buffer[] = []
    for (const machine of machines.slice(1)) others.push(await bytesOf({ ...options, ...machine }))
    expect(others.map((other) => other.equals(first))).toEqual([true, true])
  })

  it('the rows of a kept cache', async () => {
    const options = {
      minCount: 2,
      cache: join(folder, 'cache'),
      epochs: 2,
      interactions: ['site:user', 'x:site'],
    }
    const plain = await bytesOf({ ...options, cache: undefined })
    const written = await bytesOf({ ...options, workers: 1 })
    const read = await run({ ...options, workers: 2 })
    expect(read.times.parse).toBe(0)
    expect([written, Buffer.from(encodeModel(read.model))].map((other) => other.equals(plain))).toEqual([
      true,
      true,
    ])
  })
})

describe('the vocabulary of the model', () => {
  it('holds every value of the file, sorted', async () => {
    const { model } = await run()
    expect(vocabulary(model, 'site')).toEqual(valuesMet('site', 1))
    expect(vocabulary(model, 'user')).toEqual(valuesMet('user', 1))
  })

  it('of interactions holds every pair, and every value that has a slope', async () => {
    const { model } = await run({ interactions: 'user:site,x:user', maxCategories: 20_000 })
    const [pairs, slopes] = model.schema.interactions
    const met = rows.flatMap(({ user, site }) => (user === '' ? [] : [`${user}\x1f${site}`]))
    expect(pairs!.values).toEqual([...new Set(met)].sort())
    expect(slopes!.values).toEqual(valuesMet('user', 1))
    // Most of them are not in the sample: rows of a value have moved its weight, under its index and no other's.
    const first = model.categoryWeights.length - slopes!.values.length - slopes!.buckets - 1
    const weights = model.categoryWeights.slice(first, first + slopes!.values.length)
    expect(weights.every((weight) => weight !== 0)).toBe(true)
  })

  it('holds the values that are met as often as is asked for', async () => {
    const { model } = await run({ minCount: 3 })
    expect(vocabulary(model, 'site')).toEqual(valuesMet('site', 3))
    expect(valuesMet('site', 3).length).toBeLessThan(valuesMet('site', 1).length)
  })

  it('is as long as it may be', async () => {
    const { model } = await run({ maxCategories: 1500 })
    expect(vocabulary(model, 'site')).toHaveLength(1500)
    expect(vocabulary(model, 'user')).toEqual(valuesMet('user', 1))
  })

  it.each([{ maxCategories: 0, hashBits: 6 }, { hashBits: 6 }])('is empty with %j', async (options) => {
    const { model } = await run(options)
    expect(vocabulary(model, 'site')).toEqual([])
    // 64 buckets for both columns, and a "missing" for each.
    expect(model.categoryWeights).toHaveLength(64 + 2)
    expect(model.schema.sharedBuckets).toBe(64)
    expect(model.categoryWeights.some((weight) => weight !== 0)).toBe(true)
  })

  it('gives a row the prediction that the training run gave it', async () => {
    // Held-out rows are kept as they were encoded in the first pass; evaluate encodes them by the model.
    const out = join(folder, 'model.safetensors')
    const { model, validation } = await run({ out })
    expect(encodeModel(await loadTrainedModel(out))).toEqual(encodeModel(model))
    let position = Buffer.byteLength(HEAD)
    const kept = rows.map(line).filter((text) => {
      const at = position
      position += Buffer.byteLength(text)
      return positionHash(7, at) < Math.round(0.2 * 2 ** 32)
    })
    const heldOut = write('held-out.csv', HEAD + kept.join(''))
    const found = await evaluate({ model: out, input: heldOut })
    expect(found.metrics['auc']).toBe(validation!['auc'])
    expect(found.metrics['accuracy']).toBe(validation!['accuracy'])
  })
})

describe('a stream whose late rows have values that its sample did not show', () => {
  const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
  // The first 8 MiB are the sample: 45,000 rows of 220 bytes are more.
  const late = Array.from({ length: 45_000 }, (_, i) => {
    const group = Math.floor(i / 450)
    const y = scattered(group, 0.7548776662) > scattered(i) ? 'yes' : 'no'
    return `group ${group},${scattered(i).toFixed(3)},${PADDING},${y}\n`
  })
  const file = write('late.csv', `group,x,padding,y\n${late.join('')}`)

  async function trainFromPipe(out: string, ...args: string[]): Promise<Buffer> {
    const path = join(folder, out)
    const fixed = ['--target', 'y', '--ignore', 'padding', '--validation', '0.2', '--batch-size', '64']
    const child = spawn(
      process.execPath,
      [main, 'train', '-', ...fixed, '--epochs', '1', '--quiet', '-o', path, ...args],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    )
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    createReadStream(file).pipe(child.stdin)
    expect([await new Promise((resolve) => child.on('exit', resolve)), complaint]).toEqual([0, ''])
    return readFileSync(path)
  }

  it('has the same bits for 1 and 3 workers, and a lower loss than with buckets only', async () => {
    expect(readFileSync(file).length).toBeGreaterThan(9 << 20)
    const small = ['--shuffle-buffer', '1MB', '--block-bytes', '30KB']
    const one = await trainFromPipe('one.safetensors', ...small, '--workers', '1', '--placement', 'inline')
    const other = await trainFromPipe('other.safetensors', ...small, '--workers', '3', '--placement', 'pool')
    expect(one.equals(other)).toBe(true)
    const grown = await loadTrainedModel(join(folder, 'one.safetensors'))
    expect(vocabulary(grown, 'group')).toHaveLength(100)
    await trainFromPipe('hashed.safetensors', ...small, '--max-categories', '80', '--hash-bits', '1')
    const hashed = await loadTrainedModel(join(folder, 'hashed.safetensors'))
    expect(vocabulary(hashed, 'group')).toHaveLength(80)
    expect(grown.provenance.validation!['loss']).toBeLessThan(hashed.provenance.validation!['loss'])
  })
})
