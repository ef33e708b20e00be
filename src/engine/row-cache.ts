import { write } from 'node:fs'
import { promisify } from 'node:util'
import { runError, type MillraceError } from '../errors.js'
import { BlockIndex, Entry } from './block-index.js'
import type { Region, SharedMemory } from './memory.js'
import type { BlockRows, RowsRequest } from './slots.js'

/** More than this in memory would leave too little of its 4 GiB to the rest. */
export const MOST_IN_MEMORY = 1 << 30

const writeBytes = promisify(write)

/** The file that a row cache goes on in. */
export interface CacheFile {
  /** Opened when it is first needed. */
  readonly descriptor: number
  /** Where the first block goes. */
  readonly start: number
  /** Every block is written, held-out rows included, for later runs; otherwise only what has no room in memory. */
  readonly keep: boolean
  /** For messages: the file, or the folder of a file without a name. */
  readonly where: string
  /** What to do where it cannot be written. */
  readonly hint: string
  close(): void | Promise<void>
}

/** A block whose rows are in use for the first time. */
export interface OpenedBlock {
  readonly slot: BlockRows
  readonly rows: number
  readonly lane: number
  /** Its number within the lane. */
  readonly nth: number
  /** Of CSV. */
  readonly inputBytes: number
}

/**
 * The encoded rows of the first pass, block by block, for the passes after it: in memory as far as they fit, beyond that
 * in a file.
 *
 * A block that goes to the file is written straight from its slot, by a thread of the system's, while its rows are
 * trained on: both only read them. The slot is given back when both are done (`whenWritten`).
 */
export class RowCache {
  readonly #region: Region | undefined
  readonly #writes = new Map<number, Promise<void>>()
  #usedMemory = 0
  #end: number
  #failure: MillraceError | undefined

  constructor(
    private readonly memory: SharedMemory,
    readonly strideBytes: number,
    memoryBytes: number,
    readonly file: CacheFile,
    readonly index = new BlockIndex(),
  ) {
    const bytes = Math.min(memoryBytes, MOST_IN_MEMORY)
    this.#region = bytes > 0 ? memory.allocate('cached rows', bytes) : undefined
    this.#end = file.start
  }

  /** Where the blocks in the file end. */
  get end(): number {
    return this.#end
  }

  /** Takes the rows of a block as they are now. Throws where an earlier one could not be written. */
  add(block: OpenedBlock): void {
    if (this.#failure !== undefined) throw this.#failure
    const { slot, rows, lane, nth, inputBytes } = block
    const { validationCount, badCount } = slot
    const entry = [rows, validationCount, badCount, inputBytes, lane, nth, this.#copy(block), -1, 0]
    const { keep } = this.file
    const kept = keep ? rows + validationCount : rows
    if (kept > 0 && (keep || entry[Entry.Address] === 0)) {
      if (keep) this.#joinHeldOut(block)
      entry[Entry.Offset] = this.#end
      entry[Entry.Checksum] = this.memory.kernel.checksum(slot.rows, kept * this.strideBytes)
      this.#write(slot.rows, kept * this.strideBytes)
    }
    this.index.add(entry)
  }

  /** Calls `then` when the rows at this address have been written: at once where they need not be. */
  whenWritten(address: number, then: () => void): void {
    const writing = this.#writes.get(address)
    if (writing === undefined) then()
    else void writing.then(then)
  }

  /** Resolves when all is written; rejects where it could not be. */
  async written(): Promise<void> {
    await Promise.all(this.#writes.values())
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Address of a block's rows, 0 where they are in the file. */
  address(block: number): number {
    return this.index.get(block, Entry.Address)
  }

  /** How the rows of a block are read from the file. */
  request(block: number): RowsRequest {
    const rows =
      this.index.get(block, Entry.Rows) + (this.file.keep ? this.index.get(block, Entry.Validation) : 0)
    return {
      file: this.file.descriptor,
      offset: this.index.get(block, Entry.Offset),
      bytes: rows * this.strideBytes,
      checksum: this.index.get(block, Entry.Checksum),
    }
  }

  /** The file is closed when the last write has ended. */
  async close(): Promise<void> {
    await Promise.all(this.#writes.values())
    await this.file.close()
  }

  /** Where the rows to train on lie in memory from now on, 0 where there is no room. */
  #copy({ slot, rows }: OpenedBlock): number {
    const bytes = rows * this.strideBytes
    if (this.#region === undefined || bytes === 0 || this.#usedMemory + bytes > this.#region.bytes) return 0
    const address = this.#region.start + this.#usedMemory
    this.memory.views.u8.copyWithin(address, slot.rows, slot.rows + bytes)
    this.#usedMemory += bytes
    return address
  }

  /** Moves held-out rows, which have been copied by now, next to the others: both are written at once. */
  #joinHeldOut({ slot, rows }: OpenedBlock): void {
    const { validationCount } = slot
    if (validationCount === 0) return
    const from = slot.validationRow(validationCount - 1)
    const to = slot.rows + rows * this.strideBytes
    this.memory.views.u8.copyWithin(to, from, from + validationCount * this.strideBytes)
  }

  #write(address: number, bytes: number): void {
    const writing = this.#writeAll(address, bytes, this.#end)
      .catch((cause: unknown) => {
        this.#failure ??= notWritten(this.file, cause)
      })
      .then(() => {
        this.#writes.delete(address)
      })
    this.#writes.set(address, writing)
    this.#end += bytes
  }

  async #writeAll(address: number, bytes: number, position: number): Promise<void> {
    const { descriptor } = this.file
    const { u8 } = this.memory.views
    for (let done = 0; done < bytes;) {
      done += (await writeBytes(descriptor, u8, address + done, bytes - done, position + done)).bytesWritten
    }
  }
}

function notWritten({ where, hint }: CacheFile, cause: unknown): MillraceError {
  return runError(
    'CACHE_NOT_WRITTEN',
    `the encoded rows could not be written to ${where}: ${(cause as Error).message}`,
    hint,
    {},
    cause,
  )
}

/** Rows of a cached block, where they lie in memory now: held-out rows, if they are there, behind the others. */
export class CachedRows implements BlockRows {
  readonly capacity: number
  readonly rowCount: number
  readonly validationCount: number
  readonly badCount: number
  readonly parseSeconds = 0
  /** Rows are cached when their values have been settled. */
  readonly unseen = 0
  readonly unseenEnd = 0

  constructor(
    { index, strideBytes }: RowCache,
    block: number,
    readonly address: number,
    readonly rows: number,
    readonly readSeconds: number,
  ) {
    this.rowCount = index.get(block, Entry.Rows)
    this.validationCount = index.get(block, Entry.Validation)
    this.badCount = index.get(block, Entry.Skipped)
    this.capacity = this.rowCount + this.validationCount
    this.#strideBytes = strideBytes
  }

  readonly #strideBytes: number

  validationRow(i: number): number {
    return this.rows + (this.capacity - 1 - i) * this.#strideBytes
  }

  settled(): void {
    // They always are.
  }

  badRecord(): never {
    throw new Error('the cache holds no bad records')
  }

  badRowsFor(): never {
    throw new Error('the cache holds no reasons')
  }
}
