import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Entry } from '../engine/block-index.js'
import type { CacheFile } from '../engine/row-cache.js'
import { runError, type MillraceError } from '../errors.js'
import { failPoint } from '../fail-points.js'
import { makeFolder } from './make-folder.js'
import { besidePath, syncFolder } from './replace-file.js'
import { finished, started } from './unfinished-files.js'

/**
 * A kept cache is one file, little-endian:
 *
 *     64 bytes     MAGIC, then 0
 *     blocks       encoded rows, each a multiple of 16 bytes; the index says where
 *     index        count × Entry.SIZE × f64, as engine/block-index.ts has it
 *     notes        JSON text in UTF-8: what else the next run has to know
 *     trailer      f64 where the index starts, f64 count, f64 bytes of the notes, f64 0,
 *                  SHA-256 of the 32 bytes before, the index and the notes
 *
 * Nothing in it is believed: the trailer must fit the size of the file, the index must fit the trailer, and every block
 * its checksum.
 */
const MAGIC = 'millrace rows 1\n'
const FIRST_BLOCK = 64
const TRAILER_NUMBERS = 32
const TRAILER_BYTES = TRAILER_NUMBERS + 32
const MOST_INDEX_BYTES = 1 << 30
const ENTRY_BYTES = Entry.SIZE * 8

/** A cache that is being written, beside the name that it takes when it is whole. */
export class CacheWriter implements CacheFile {
  readonly start = FIRST_BLOCK
  readonly keep = true
  readonly hint: string
  readonly where: string
  #renamed = false

  private constructor(
    private readonly path: string,
    private readonly beside: string,
    private readonly handle: FileHandle,
  ) {
    this.where = dirname(path)
    this.hint = `free some space in ${dirname(path)}, or give --cache a folder on a larger disk`
  }

  /** Makes the folder where there is none. */
  static async create(path: string): Promise<CacheWriter> {
    const beside = besidePath(path)
    try {
      await makeFolder(dirname(path))
      const writer = new CacheWriter(path, beside, await open(beside, 'wx+'))
      started(beside)
      try {
        await writer.handle.write(Buffer.from(MAGIC.padEnd(FIRST_BLOCK, '\0')), 0, FIRST_BLOCK, 0)
      } catch (error) {
        await writer.close()
        throw error
      }
      return writer
    } catch (cause) {
      throw notKept(path, cause)
    }
  }

  get descriptor(): number {
    return this.handle.fd
  }

  /** Writes what comes behind the blocks, which end at `end`, and gives the whole its name. */
  async finish(end: number, index: Float64Array, notes: object): Promise<void> {
    const text = Buffer.from(JSON.stringify(notes))
    const numbers = bytesOf(Float64Array.of(end, index.length / Entry.SIZE, text.length, 0))
    const parts = [bytesOf(index), text, numbers, digest(numbers, bytesOf(index), text)]
    try {
      let position = end
      for (const part of parts) {
        for (let done = 0; done < part.length;) {
          const { bytesWritten } = await this.handle.write(part, done, part.length - done, position + done)
          done += bytesWritten
        }
        position += part.length
      }
      failPoint('before fsync')
      await this.handle.sync()
      failPoint('after fsync')
      failPoint('before rename')
      await rename(this.beside, this.path)
      this.#renamed = true
      finished(this.beside)
      failPoint('after rename')
      await syncFolder(dirname(this.path))
    } catch (cause) {
      throw notKept(this.path, cause)
    }
  }

  /** What is not finished by now is removed. */
  async close(): Promise<void> {
    await this.handle.close()
    if (!this.#renamed) await rm(this.beside, { force: true })
    finished(this.beside)
  }
}

/** A cache that an earlier run has left. */
export interface KeptCache extends CacheFile {
  /** As BlockIndex has them; every block lies within the file, after the one before. */
  readonly entries: Float64Array<ArrayBuffer>
  readonly notes: unknown
  close(): void
}

/** What the blocks of a cache must fit into. */
export interface CacheShape {
  readonly strideBytes: number
  /** The most rows of a block. */
  readonly capacity: number
  readonly lanes: number
}

/** Opens a cache; undefined where there is none. Throws an Error, for a warning, where there is something else. */
export function openKeptCache(path: string, shape: CacheShape): KeptCache | undefined {
  let descriptor: number
  try {
    // Not to be held up by a pipe of that name.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const read = readTrailer(descriptor)
    checkEntries(read.entries, read.end, shape)
    return {
      ...read,
      descriptor,
      start: FIRST_BLOCK,
      keep: true,
      where: path,
      hint: '',
      close: () => closeSync(descriptor),
    }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function readTrailer(descriptor: number): {
  entries: Float64Array<ArrayBuffer>
  notes: unknown
  end: number
} {
  const file = fstatSync(descriptor)
  if (!file.isFile() || file.size < FIRST_BLOCK + TRAILER_BYTES) throw new Error('it is no row cache')
  const magic = readBytes(descriptor, MAGIC.length, 0).toString('latin1')
  if (magic !== MAGIC) throw new Error('it is no row cache, or one of another version')
  const trailer = readBytes(descriptor, TRAILER_BYTES, file.size - TRAILER_BYTES)
  const numbers = trailer.subarray(0, TRAILER_NUMBERS)
  const [end, count, notesBytes] = [0, 8, 16].map((at) => numbers.readDoubleLE(at)) as [
    number,
    number,
    number,
  ]
  const indexBytes = count * ENTRY_BYTES
  const sizes = [end, count, notesBytes].every((size) => Number.isSafeInteger(size) && size >= 0)
  const whole = sizes && end + indexBytes + notesBytes + TRAILER_BYTES === file.size
  if (!whole || end < FIRST_BLOCK || indexBytes + notesBytes > MOST_INDEX_BYTES)
    throw new Error('it is damaged')
  const index = readBytes(descriptor, indexBytes, end)
  const notes = readBytes(descriptor, notesBytes, end + indexBytes)
  const expected = digest(numbers, index, notes)
  if (!expected.equals(trailer.subarray(TRAILER_NUMBERS))) throw new Error('it is damaged')
  const entries = new Float64Array(count * Entry.SIZE)
  bytesOf(entries).set(index)
  return { entries, notes: JSON.parse(notes.toString()), end }
}

/** Throws where a block could lie outside the file, or not fit where it is read to. */
function checkEntries(entries: Float64Array, end: number, shape: CacheShape): void {
  const next = new Array<number>(shape.lanes).fill(0)
  for (let at = 0; at < entries.length; at += Entry.SIZE) {
    const field = (entry: Entry): number => entries[at + entry]!
    const rows = field(Entry.Rows) + field(Entry.Validation)
    const bytes = rows * shape.strideBytes
    const [offset, lane] = [field(Entry.Offset), field(Entry.Lane)]
    const counts = [Entry.Rows, Entry.Validation, Entry.Skipped, Entry.Bytes].map(field)
    const right =
      counts.every((count) => Number.isSafeInteger(count) && count >= 0) &&
      rows <= shape.capacity &&
      (rows === 0 || (Number.isSafeInteger(offset) && offset >= FIRST_BLOCK && offset + bytes <= end)) &&
      Number.isInteger(lane) &&
      lane >= 0 &&
      lane < shape.lanes
    if (!right) throw new Error('its index is wrong')
    // Addresses are those of the run that wrote it.
    entries[at + Entry.Address] = 0
    next[lane]!++
  }
  checkNumbers(entries, next)
}

/** The blocks of each lane must be numbered 0, 1, 2 …, each once. */
function checkNumbers(entries: Float64Array, lengths: readonly number[]): void {
  const seen = lengths.map((length) => new Uint8Array(length))
  for (let at = 0; at < entries.length; at += Entry.SIZE) {
    const numbers = seen[entries[at + Entry.Lane]!]!
    const nth = entries[at + Entry.Nth]!
    if (!(Number.isInteger(nth) && nth >= 0 && nth < numbers.length && numbers[nth] === 0)) {
      throw new Error('its index is wrong')
    }
    numbers[nth] = 1
  }
}

function readBytes(descriptor: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    const read = readSync(descriptor, bytes, done, length - done, position + done)
    if (read === 0) throw new Error('it is cut short')
    done += read
  }
  return bytes
}

function bytesOf(numbers: Float64Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

function digest(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function notKept(path: string, cause: unknown): MillraceError {
  return runError(
    'CACHE_NOT_WRITTEN',
    `the encoded rows could not be kept in ${dirname(path)}: ${(cause as Error).message}`,
    'check the folder, its permissions and the space on its disk, or give --cache another one',
    {},
    cause,
  )
}
