import { closeSync, readSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { runError } from '../errors.js'
import type { Region, SharedMemory } from './memory.js'
import { openNameless } from './nameless-file.js'
import type { BlockRows } from './slots.js'

const IN_MEMORY = 16 << 20
const READ_BACK = 1 << 20

/**
 * The held-out rows, in the order in which their blocks were used: in memory as far as they fit, beyond that in a
 * temporary file that has no name, so that it is gone however the run ends. Memory stays flat, and a stream, which
 * cannot be read again, can be scored at the end of its epoch.
 */
export class HeldOutRows {
  readonly #region: Region
  readonly #readBack: Region
  readonly #rowsInMemory: number
  #filled = 0
  #spilled = 0
  #file: number | undefined

  constructor(
    private readonly memory: SharedMemory,
    private readonly strideBytes: number,
  ) {
    this.#rowsInMemory = Math.max(1, Math.floor(IN_MEMORY / strideBytes))
    this.#region = memory.allocate('held-out rows', this.#rowsInMemory * strideBytes)
    this.#readBack = memory.allocate('held-out rows from file', Math.max(READ_BACK, strideBytes))
  }

  get count(): number {
    return this.#spilled + this.#filled
  }

  /** Copies the held-out rows of a block. */
  add(slot: BlockRows): void {
    if (slot.validationCount > 0)
      this.addRows(slot.validationRow(slot.validationCount - 1), slot.validationCount)
  }

  /** Copies rows that lie one after the other. */
  addRows(start: number, count: number): void {
    let from = start
    for (let left = count; left > 0;) {
      if (this.#filled === this.#rowsInMemory) this.#spill()
      const rows = Math.min(left, this.#rowsInMemory - this.#filled)
      const end = from + rows * this.strideBytes
      this.memory.views.u8.copyWithin(this.#address(this.#filled), from, end)
      this.#filled += rows
      left -= rows
      from = end
    }
  }

  /** All rows so far, one after the other; undefined where they are so many that some are in the file. */
  get packed(): Uint8Array | undefined {
    if (this.#spilled > 0) return undefined
    return this.memory.views.u8.slice(this.#region.start, this.#address(this.#filled))
  }

  /** Takes rows that were packed. Throws a RangeError where they are no whole rows, or more than fit. */
  unpack(rows: Uint8Array): void {
    const count = rows.length / this.strideBytes
    if (!(Number.isInteger(count) && count <= this.#rowsInMemory)) {
      throw new RangeError(
        `${rows.length} bytes are not up to ${this.#rowsInMemory} rows of ${this.strideBytes}`,
      )
    }
    this.memory.views.u8.set(rows, this.#region.start)
    this.#filled = count
  }

  /** All rows so far, a stretch at a time, each valid until the next is asked for. */
  *stretches(): Generator<{ start: number; count: number }> {
    const rows = Math.max(1, Math.floor(READ_BACK / this.strideBytes))
    for (let first = 0; first < this.#spilled; first += rows) {
      const count = Math.min(rows, this.#spilled - first)
      this.#transfer('read', this.#readBack.start, count, first)
      yield { start: this.#readBack.start, count }
    }
    for (let first = 0; first < this.#filled; first += rows) {
      yield { start: this.#address(first), count: Math.min(rows, this.#filled - first) }
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }

  #address(row: number): number {
    return this.#region.start + row * this.strideBytes
  }

  #spill(): void {
    this.#transfer('write', this.#region.start, this.#filled, this.#spilled)
    this.#spilled += this.#filled
    this.#filled = 0
  }

  #transfer(way: 'read' | 'write', address: number, rows: number, firstRow: number): void {
    const length = rows * this.strideBytes
    const position = firstRow * this.strideBytes
    try {
      this.#file ??= openNameless('held-out-rows')
      for (let done = 0; done < length;) {
        const place = [this.memory.views.u8, address + done, length - done, position + done] as const
        const bytes = way === 'read' ? readSync(this.#file, ...place) : writeSync(this.#file, ...place)
        if (bytes === 0) throw new Error('the temporary file was cut short')
        done += bytes
      }
    } catch (cause) {
      throw runError(
        'HELD_OUT_ROWS',
        `held-out rows could not be kept in a temporary file in ${tmpdir()}: ${(cause as Error).message}`,
        `free some space in ${tmpdir()}, set TMPDIR to another folder, or lower --validation`,
        {},
        cause,
      )
    }
  }
}
