/** Kept caches, and inputs that change. Oracles: the same run without a cache, and what was done to the file. */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
} from 'node:fs'
import { utimesSync, writeFileSync, writeSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../src/artifact/index.js'
import { Entry } from '../../src/engine/block-index.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import type { DoneEvent, TrainEvent } from '../../src/events.js'
import type { TrainOptions } from '../../src/options.js'
import { train } from '../../src/train.js'
import { cornersCsv, temporaryFolder } from './files.js'

const { folder, write } = temporaryFolder()
let folders = 0
const newFolder = (): string => join(folder, `cache-${folders++}`)

interface Seen {
  readonly model: Buffer
  readonly warnings: string[]
  /** Of seconds spent parsing: 0 where all rows came from a cache. */
  readonly parsed: boolean
}

async function run(options: TrainOptions, on?: (event: TrainEvent) => void): Promise<Seen> {
  const warnings: string[] = []
  const done = await new Promise<DoneEvent>((resolve, reject) => {
    train(options).subscribe({
      next: (event) => {
        on?.(event)
        if (event.type === 'warning') warnings.push(event.message)
        if (event.type === 'done') resolve(event)
      },
      error: reject,
    })
  })
  return { model: Buffer.from(encodeModel(done.model)), warnings, parsed: done.times.parse > 0 }
}

const corners = write('corners.csv', cornersCsv(700))
const base: TrainOptions = {
  input: corners,
  target: 'late',
  ignore: ['amount', 'kind'],
  weight: 'w',
  validation: 0.2,
  epochs: 2,
  batchSize: 50,
  seed: 7,
  blockBytes: 300,
}

const names = (at: string): string[] => readdirSync(at).sort()

describe('a kept cache', () => {
  const parts = [300, 5, 120].map((rows, i) => write(`part-${i}.csv`, cornersCsv(rows, i !== 1)))
  const bad = write(
    'bad.csv',
    cornersCsv(400) + 'ragged,row\n'.repeat(7) + cornersCsv(100).split('\r\n').slice(1).join('\r\n'),
  )
  const packed = [300, 200].map((rows, i) => write(`packed-${i}.csv.gz`, gzipSync(cornersCsv(rows))))
  it.each<[string, Partial<TrainOptions>]>([
    ['lanes', {}],
    ['one compressed file', { input: packed[0]!, shuffleBuffer: '4KB' }],
    ['two compressed files', { input: packed }],
    ['one epoch', { epochs: 1 }],
    ['file order', { shuffle: false }],
    ['several files', { input: parts, target: 'kind', ignore: ['amount', 'late'] }],
    ['bad rows', { input: bad, onBadRow: 'skip', maxBadRows: 20 }],
    ['a number target, no validation', { target: 'amount', ignore: ['late', 'kind'], validation: 0 }],
  ])('leaves the model as it is, written or read, for 1 and 3 workers: %s', async (_name, options) => {
    const at = { ...base, ...options }
    const without = await run(at)
    const cache = newFolder()
    const writing = await run({ ...at, cache, workers: 1, placement: 'inline' })
    expect(writing.parsed).toBe(true)
    expect(names(cache)).toHaveLength(1)
    const reading = await run({ ...at, cache, workers: 3, placement: 'pool' })
    expect(reading.parsed).toBe(false)
    for (const { model, warnings } of [writing, reading]) {
      expect(model.equals(without.model)).toBe(true)
      expect(warnings).toEqual([])
    }
    expect(names(cache)).toHaveLength(1)
  })

  it('serves runs that differ only in how they learn', async () => {
    const numbers = { ...base, ignore: ['amount', 'kind', 'te,xt'] }
    const cache = newFolder()
    await run({ ...numbers, cache })
    const other = {
      ...numbers,
      learningRate: 0.01,
      optimizer: 'adam',
      l2: 0.1,
      epochs: 4,
      batchSize: 64,
      shards: 4,
    } as const
    const [reading, without] = [await run({ ...other, cache }), await run(other)]
    expect(reading.parsed).toBe(false)
    expect(reading.model.equals(without.model)).toBe(true)
  })

  it.each<[string, Partial<TrainOptions>]>([
    ['the seed', { seed: 8 }],
    ['the held-out share', { validation: 0.3 }],
    ['the features', { ignore: ['amount', 'kind', 'z'] }],
    ['the kind of a column', { categorical: ['x'] }],
    ['missing tokens', { na: ['plain'] }],
    ['lanes', { lanes: 3 }],
    ['the size of blocks', { blockBytes: 500 }],
    ['the standardisation', { standardize: false }],
  ])('is not used with another value of %s', async (_name, options) => {
    const cache = newFolder()
    await run({ ...base, cache })
    const other = await run({ ...base, ...options, cache })
    expect(other.parsed).toBe(true)
    expect(other.model.equals((await run({ ...base, ...options })).model)).toBe(true)
    expect(names(cache)).toHaveLength(2)
  })

  it('is shared by two runs at once', async () => {
    const cache = newFolder()
    const without = await run(base)
    const runs = await Promise.all([1, 2, 3].map((workers) => run({ ...base, cache, workers })))
    for (const { model } of runs) expect(model.equals(without.model)).toBe(true)
    expect(names(cache)).toHaveLength(1)
    expect((await run({ ...base, cache })).parsed).toBe(false)
  })

  it('is not left half-written by a run that fails', async () => {
    const cache = newFolder()
    const input = write('late-fault.csv', `${cornersCsv(300)}ragged,row\n`)
    await expect(run({ ...base, input, cache })).rejects.toMatchObject({ code: 'NOT_A_NUMBER' })
    await expect.poll(() => names(cache)).toEqual([])
  })

  it('is refused for a stream', async () => {
    await expect(run({ ...base, input: '-', cache: newFolder() })).rejects.toMatchObject({
      kind: 'usage',
      place: { option: 'cache' },
    })
  })

  it('says where it cannot be written', async () => {
    const file = write('no-folder', '')
    await expect(run({ ...base, cache: join(file, 'cache') })).rejects.toMatchObject({
      code: 'CACHE_NOT_WRITTEN',
      kind: 'run',
    })
  })
})

describe('a kept cache that is damaged', () => {
  const cached = async () => {
    const cache = newFolder()
    const first = await run({ ...base, cache })
    const path = join(cache, names(cache)[0]!)
    return { cache, first, path, bytes: readFileSync(path) }
  }
  const expectReplaced = async (cache: string, first: Seen, message: RegExp): Promise<void> => {
    const second = await run({ ...base, cache })
    expect(second.parsed).toBe(true)
    expect(second.warnings).toEqual([expect.stringMatching(message)])
    expect(second.model.equals(first.model)).toBe(true)
    const third = await run({ ...base, cache })
    expect([third.parsed, third.warnings]).toEqual([false, []])
    expect(third.model.equals(first.model)).toBe(true)
  }

  it('by one flipped bit anywhere is replaced', async () => {
    const { cache, first, path, bytes } = await cached()
    const indexStart = bytes.readDoubleLE(bytes.length - 64)
    const places = [
      3,
      64,
      64 + 1001,
      indexStart - 1,
      indexStart + 5,
      bytes.length - 70,
      bytes.length - 60,
      bytes.length - 1,
    ]
    for (const place of places) {
      const damaged = Buffer.from(bytes)
      damaged[place]! ^= 1
      writeFileSync(path, damaged)
      await expectReplaced(cache, first, /is not used and will be replaced: it is (damaged|no row cache)/)
    }
  })

  it('by a cut is replaced', async () => {
    const { cache, first, path, bytes } = await cached()
    for (const length of [0, 10, 100, bytes.length >> 1, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length))
      await expectReplaced(cache, first, /is not used and will be replaced/)
    }
    writeFileSync(path, Buffer.concat([bytes, bytes]))
    await expectReplaced(cache, first, /is not used and will be replaced/)
  })

  /** Whoever changes the index can also make its digest right. */
  const forge = (bytes: Buffer, change: (index: Float64Array, bytes: Buffer) => void): Buffer => {
    const forged = Buffer.from(bytes)
    const [start, count, notes] = [64, 56, 48].map((back) => forged.readDoubleLE(forged.length - back)) as [
      number,
      number,
      number,
    ]
    const index = new Float64Array(count * Entry.SIZE)
    const indexBytes = Buffer.from(index.buffer)
    forged.copy(indexBytes, 0, start, start + indexBytes.length)
    change(index, forged)
    indexBytes.copy(forged, start)
    const digest = createHash('sha256')
      .update(forged.subarray(forged.length - 64, forged.length - 32))
      .update(indexBytes)
      .update(forged.subarray(start + indexBytes.length, start + indexBytes.length + notes))
      .digest()
    digest.copy(forged, forged.length - 32)
    return forged
  }

  it.each<[string, Entry, number]>([
    ['more rows than a slot holds', Entry.Rows, 1e6],
    ['fewer than no rows', Entry.Rows, -1],
    ['half a row', Entry.Rows, 0.5],
    ['rows that are not a number', Entry.Rows, NaN],
    ['more held-out rows', Entry.Validation, 1e9],
    ['an offset beyond the end', Entry.Offset, 1e12],
    ['an offset before the start', Entry.Offset, 0],
    ['an endless offset', Entry.Offset, Infinity],
    ['a lane that is not there', Entry.Lane, 1e6],
    ['a negative lane', Entry.Lane, -1],
    ['a number that is taken', Entry.Nth, 1],
    ['another checksum', Entry.Checksum, 12345],
    ['other bad rows', Entry.Skipped, 5],
  ])('is replaced where its index has %s', async (_name, entry, value) => {
    const { cache, first, path, bytes } = await cached()
    writeFileSync(
      path,
      forge(bytes, (index) => (index[entry] = value)),
    )
    await expectReplaced(cache, first, /is not used and will be replaced/)
  })

  it('is replaced where a category index is out of range and everything else fits', async () => {
    const { cache, first, path, bytes } = await cached()
    const memory = new SharedMemory(compileKernel())
    const forged = forge(bytes, (index, all) => {
      const [offset, rows] = [index[Entry.Offset]!, index[Entry.Rows]! + index[Entry.Validation]!]
      const end = Math.min(
        ...[...index].filter((_n, i) => i % Entry.SIZE === Entry.Offset).filter((at) => at > offset),
      )
      const region = memory.allocate('block', end - offset)
      // Every word that may be an index, whatever the layout is: small whole numbers.
      for (let at = offset; at < end; at += 4)
        if (all.readUInt32LE(at) < 1000 && all.readUInt32LE(at) > 0) all.writeUInt32LE(0x7fffff, at)
      memory.u8(region).set(all.subarray(offset, end))
      index[Entry.Checksum] = memory.kernel.checksum(region.start, end - offset)
      expect(rows).toBeGreaterThan(0)
    })
    writeFileSync(path, forged)
    await expectReplaced(cache, first, /it is damaged/)
  })

  it('by something else of its name: a text is replaced, a folder is not', async () => {
    const { cache, first, path } = await cached()
    writeFileSync(path, 'a diary\n'.repeat(100))
    await expectReplaced(cache, first, /no row cache/)
    renameSync(path, `${path}.old`)
    mkdirSync(path)
    await expect(run({ ...base, cache })).rejects.toMatchObject({ code: 'CACHE_NOT_WRITTEN', kind: 'run' })
  })
})

describe('an input that changes between runs', () => {
  it.each<[string, (path: string) => void]>([
    ['one byte in the middle', (path) => changeByte(path)],
    ['a row more', (path) => appendFileSync(path, '1,plain,2,1,3,yes,k2\n')],
    ['its time alone', (path) => utimesSync(path, 1e9, 1e9)],
    ['its end', (path) => truncateSync(path, readFileSync(path).lastIndexOf('\n', -2) + 1)],
  ])('is parsed again: %s', async (name, change) => {
    const input = write(`between ${name}.csv`, cornersCsv(300))
    const cache = newFolder()
    await run({ ...base, input, cache })
    change(input)
    const again = await run({ ...base, input, cache })
    expect(again.parsed).toBe(true)
    expect(again.warnings).toEqual([expect.stringMatching(/the input has changed/)])
    expect(again.model.equals((await run({ ...base, input })).model)).toBe(true)
    expect((await run({ ...base, input, cache })).parsed).toBe(false)
    expect(names(cache)).toHaveLength(1)
  })
})

/** Turns a digit in the middle of the file into another one, in place. */
function changeByte(path: string): void {
  const bytes = readFileSync(path)
  let at = bytes.length >> 1
  while (bytes[at]! < 0x31 || bytes[at]! > 0x39) at++
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, Buffer.from([bytes[at]! - 1]), 0, 1, at)
  closeSync(descriptor)
}

describe('an input that changes between epochs', () => {
  const text = cornersCsv(300)
  it.each<[string, (path: string) => void]>([
    ['one byte in the middle', (path) => changeByte(path)],
    ['a row more', (path) => appendFileSync(path, '1,plain,2,1,3,yes,k2\n')],
    ['its time alone', (path) => utimesSync(path, 1e9, 1e9)],
    ['its end', (path) => truncateSync(path, 1000)],
    [
      'another file in its place',
      (path) => {
        writeFileSync(`${path}.new`, text)
        renameSync(`${path}.new`, path)
      },
    ],
  ])('ends the run: %s', async (name, change) => {
    const input = write(`during ${name}.csv`, text)
    const epochs: number[] = []
    const running = run({ ...base, input, epochs: 3 }, (event) => {
      if (event.type !== 'epoch') return
      epochs.push(event.epoch)
      if (event.epoch === 1) change(input)
    })
    await expect(running).rejects.toMatchObject({
      code: 'INPUT_CHANGED',
      kind: 'run',
      place: { file: input },
    })
    expect(epochs).toEqual([1])
  })

  it('ends the run, and no cache is kept, where it changes in the first pass', async () => {
    const input = write('first.csv', text)
    const cache = newFolder()
    let steps = 0
    const running = run({ ...base, input, epochs: 1, cache }, (event) => {
      if (event.type === 'step' && steps++ === 0) utimesSync(input, 1e9, 1e9)
    })
    await expect(running).rejects.toMatchObject({ code: 'INPUT_CHANGED' })
    await expect.poll(() => names(cache)).toEqual([])
  })
})
