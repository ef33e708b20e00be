/**
 * Files that millrace writes and reads again, changed by somebody who knows their format: sizes, offsets and checksums are
 * made to fit where that leads deeper. Another kind of file is another entry of `fileKinds`.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Slot } from '../../workers/layout.js'
import { CacheWriter } from '../../src/artifact/cache-file.js'
import { decodeModel, encodeModel } from '../../src/artifact/model-bytes.js'
import { Entry } from '../../src/engine/block-index.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { RowCache } from '../../src/engine/row-cache.js'
import { ParseSlot } from '../../src/engine/slots.js'
import { MillraceError } from '../../src/errors.js'
import { openCache } from '../../src/flow/kept-cache.js'
import type { RowFlow } from '../../src/flow/row-flow.js'
import type { TrainedModel } from '../../src/model/model.js'
import { exampleModel } from '../artifact/example.js'
import { damage } from './damage.js'
import { checkpointKinds } from './checkpoints.js'
import type { Draw } from './draw.js'
import { mutateJson } from './json.js'

export interface FileKind {
  readonly name: string
  /** A whole file. */
  readonly bytes: Uint8Array
  /** The same with one change that keeps the format. */
  mutate(bytes: Buffer, draw: Draw): Buffer
  /** What is done last: a checksum made to fit. */
  finish?(bytes: Buffer, draw: Draw): Buffer
  /** Whether it loads; what it throws is told apart in tryFile. Throws an Error where what it loads is not valid. */
  load(bytes: Uint8Array): Promise<boolean>
}

/** Kinds of files; `folder` is for those that are read from a disk. */
export async function fileKinds(folder: string): Promise<FileKind[]> {
  return [
    modelKind('linear model', encodeModel(exampleModel())),
    modelKind('model of 1 MB', encodeModel(longModel())),
    await cacheKind(folder),
    ...(await checkpointKinds(folder)),
  ]
}

/** Changes a file of one kind and loads it. Returns what went wrong, or whether the file was refused or loaded. */
export async function tryFile(kind: FileKind, draw: Draw): Promise<'refused' | 'loaded' | Error> {
  let bytes: Buffer = Buffer.from(kind.bytes)
  const raw = draw.chance(0.3)
  const times = 1 + draw.small(3)
  try {
    if (raw) bytes = damage(bytes, draw, times, ['{', '}', '[', '"', ':', ',', '9'])
    else for (let i = 0; i < times; i++) bytes = kind.mutate(bytes, draw)
  } catch {
    // A change before has left nothing to change.
  }
  if (kind.finish !== undefined) bytes = kind.finish(bytes, draw)
  try {
    const loaded = await kind.load(bytes)
    const polluted = 'polluted' in {} || Object.keys(Object.prototype).length > 0
    return polluted ? new Error('Object.prototype has changed') : loaded ? 'loaded' : 'refused'
  } catch (error) {
    const told = error instanceof MillraceError && error.kind === 'run' && error.hint !== ''
    return told ? 'refused' : (error as Error)
  }
}

/** A vocabulary of 25,000 values for each of three outputs. */
function longModel(): TrainedModel {
  const model = exampleModel()
  const values = Array.from({ length: 25_000 }, (_, i) => `the value ${i}`)
  const columns = model.schema.columns.map((column) =>
    column.kind === 'category' ? { ...column, values } : column,
  )
  const categoryWeights = new Float32Array((values.length + 4 + 1) * 3).fill(0.5)
  return { ...model, schema: { ...model.schema, columns }, categoryWeights }
}

export function modelKind(name: string, bytes: Uint8Array): FileKind {
  return { name, bytes, mutate: mutateModel, load: loadModelBytes }
}

/** Changes the header of a safetensors file, and now and then its data. */
export function mutateModel(bytes: Buffer, draw: Draw): Buffer {
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.stringify(mutateJson(JSON.parse(bytes.toString('utf8', 8, 8 + length)), draw))
  let data = bytes.subarray(8 + length)
  if (draw.chance(0.2)) data = damage(data, draw, 1, [])
  const prefix = Buffer.alloc(8)
  const wild = [0n, 1n, BigInt(header.length + 1), 2n ** 31n, 2n ** 53n, 2n ** 64n - 1n]
  prefix.writeBigUInt64LE(draw.chance(0.1) ? draw.of(wild) : BigInt(Buffer.byteLength(header)))
  return Buffer.concat([prefix, Buffer.from(header), data])
}

/** What loads is written again, and is then the same file. */
function loadModelBytes(bytes: Uint8Array): Promise<boolean> {
  const model = decodeModel(bytes)
  const again = encodeModel(model)
  if (!Buffer.from(encodeModel(decodeModel(again))).equals(again))
    throw new Error('it reads back differently')
  return Promise.resolve(true)
}

/** Rows of 12 words: 8 dense, 2 categories, label, weight. */
const STRIDE = 48
const LANES = 3
const CAPACITY = 16
const INDICES = 100
const TRAILER = 64

async function cacheKind(folder: string): Promise<FileKind> {
  const memory = new SharedMemory(compileKernel())
  const slot = new ParseSlot(memory, CAPACITY, STRIDE)
  const path = join(folder, 'some.rows')
  await writeCache(path, memory, slot)
  // A cache is read by the threads; here by this one, with the same checks.
  const parser = { parse: (asked: ParseSlot) => Promise.resolve(readRows(memory, asked)) }
  const flow = { lanes: LANES, slots: [slot], parser } as unknown as RowFlow
  const load = async (bytes: Uint8Array): Promise<boolean> => {
    writeFileSync(path, bytes)
    const { cache, filled } = await openCache(memory, flow, {
      path,
      content: 'content',
      strideBytes: STRIDE,
      memoryBytes: 0,
      accepts: () => true,
      badRows: { counts: {}, restore: () => undefined },
      checkRows: (rows, count) => rowsWithin(memory, rows, count),
      grown: () => ({ values: [], slots: [] }),
      restore: () => undefined,
    })
    await cache.close()
    return filled
  }
  return { name: 'row cache', bytes: readFileSync(path), mutate: mutateCache, load }
}

async function writeCache(path: string, memory: SharedMemory, slot: ParseSlot): Promise<void> {
  const writer = await CacheWriter.create(path)
  const cache = new RowCache(memory, STRIDE, 0, writer)
  for (let block = 0; block < 6; block++) {
    slot.ask({ context: 0, file: undefined, raw: 0, offset: 0, length: 0, ends: 0, position: 0 })
    memory.views.u8.fill(0, slot.rows, slot.rows + CAPACITY * STRIDE)
    const nth = Math.floor(block / LANES)
    cache.add({ slot, rows: 5 + block, lane: block % LANES, nth, inputBytes: 100 })
    await cache.written()
  }
  const notes = { content: 'content', skipped: 0, badRows: {}, grown: { values: ['a'], slots: [0] } }
  await writer.finish(cache.end, cache.index.entries, notes)
  await writer.close()
}

function readRows(memory: SharedMemory, slot: ParseSlot): void {
  const { u8, u32, f64 } = memory.views
  const word = slot.address >>> 2
  const [file, bytes] = [u32[word + Slot.File / 4]!, u32[word + Slot.Length / 4]!]
  const read = readSync(file, u8, slot.rows, bytes, f64[(slot.address + Slot.Offset) >>> 3]!)
  const sum = f64[(slot.address + Slot.Checksum) >>> 3]
  const intact = read === bytes && memory.kernel.checksum(slot.rows, bytes) === sum
  u32[word + Slot.Lacking / 4] = intact ? 0 : 1
}

function rowsWithin(memory: SharedMemory, rows: number, count: number): boolean {
  if (count > CAPACITY) throw new Error(`${count} rows in a slot of ${CAPACITY}`)
  return memory.kernel.rowsWithin(rows, STRIDE, count, 8, 2, INDICES, 10, 3) === 1
}

/** Changes rows, the index, the notes or the numbers of the trailer; the checksum is then that of the new ones. */
function mutateCache(bytes: Buffer, draw: Draw): Buffer {
  const trailer = bytes.subarray(-TRAILER)
  const [end, count, notesBytes] = [0, 8, 16].map((at) => trailer.readDoubleLE(at)) as [
    number,
    number,
    number,
  ]
  const indexBytes = count * Entry.SIZE * 8
  const rows = Buffer.from(bytes.subarray(0, end))
  const index = Buffer.from(bytes.subarray(end, end + indexBytes))
  let notes = Buffer.from(bytes.subarray(end + indexBytes, end + indexBytes + notesBytes))
  const numbers = [end, count, notesBytes, 0]
  const wild = [-1, 0.5, NaN, Infinity, 2 ** 31, 2 ** 53, 1e308, -0]
  const part = draw.below(4)
  if (part === 0) rows[draw.below(rows.length)] = draw.below(256)
  if (part === 1) {
    const at = draw.below(index.length / 8) * 8
    const old = index.readDoubleLE(at)
    index.writeDoubleLE(draw.chance(0.5) ? draw.of(wild) : old + draw.of([-48, -1, 1, 16, 48]), at)
  }
  if (part === 2) {
    notes = Buffer.from(JSON.stringify(mutateJson(JSON.parse(notes.toString()), draw)))
    numbers[2] = notes.length
  }
  if (part === 3) numbers[draw.below(3)] = draw.chance(0.5) ? draw.of(wild) : numbers[draw.below(3)]! + 72
  const head = Buffer.alloc(32)
  numbers.forEach((number, i) => head.writeDoubleLE(number, i * 8))
  const sum = createHash('sha256').update(head).update(index).update(notes).digest()
  return Buffer.concat([rows, index, notes, head, sum])
}
