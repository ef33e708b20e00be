import { Ends } from '../../workers/layout.js'
import type { Region, SharedMemory } from '../engine/memory.js'
import { READ_AHEAD } from '../engine/memory.js'
import { runError } from '../errors.js'
import { readAt, type InputFile } from './files.js'

/** Up to this size the borders of a file are found by reading it from the start: nothing has to be guessed. */
const READ_THROUGH = 1 << 20
const FIRST_WINDOW = 1 << 13
/** Records that must have the right number of fields before a guess is believed. */
const RECORDS_TO_CHECK = 8

/**
 * Finds where records start in the middle of a CSV.
 *
 * A line break may lie inside quotes, and whether it does is known only from the start of the file. So it is guessed:
 * taking the window to start outside quotes, do the next records have the right number of fields? And inside? Where
 * exactly one assumption holds, or both lead to the same record, it is believed, and proved later: the stretch before it
 * must end exactly there (flow/file-lanes.ts). Where they lead to different ones, or neither holds, the records are read
 * from the border before.
 */
export class BorderFinder {
  readonly #window: Region
  readonly #bytes: Uint8Array

  constructor(
    private readonly memory: SharedMemory,
    longestRecord: number,
  ) {
    this.#window = memory.allocate('border window', Math.max(READ_THROUGH, longestRecord) + READ_AHEAD)
    this.#bytes = memory.u8(this.#window)
  }

  /**
   * First record start at or after `target`, given `known`, a record start before it; the file's size where there is
   * none. `context` is the address of the file's ParseContext.
   */
  borderAfter(file: InputFile, context: number, known: number, target: number): number {
    if (target <= known) return known
    if (target >= file.size) return file.size
    if (file.size > READ_THROUGH) {
      const guess = this.#guess(file, context, target)
      if (guess !== undefined) return guess
    }
    return this.#readThrough(file, context, known, target)
  }

  #guess(file: InputFile, context: number, target: number): number | undefined {
    const { kernel } = this.memory
    const largest = this.#window.bytes - READ_AHEAD
    for (let size = FIRST_WINDOW; ; size = Math.min(size * 8, largest)) {
      const length = readAt(file, this.#bytes, size, target)
      const ends = target + length >= file.size ? Ends.Data : Ends.More
      const find = (inside: 0 | 1) =>
        kernel.findBorder(context, this.#window.start, length, ends, inside, RECORDS_TO_CHECK)
      const outside = find(0)
      const inside = find(1)
      // In the middle of a quoted field both may hold: `th","Ann"` starts with a field that ends in a quote.
      if (outside >= 0 && (inside < 0 || inside === outside)) return target + outside
      if (inside >= 0 && outside < 0) return target + inside
      if (size === largest || ends === Ends.Data) return undefined
    }
  }

  #readThrough(file: InputFile, context: number, known: number, target: number): number {
    const { kernel } = this.memory
    let border = known
    while (border < target) {
      const length = readAt(file, this.#bytes, this.#window.bytes - READ_AHEAD, border)
      const ends = border + length >= file.size ? Ends.Data : Ends.More
      let used = 0
      while (border + used < target) {
        const record = kernel.nextRecord(context, this.#window.start + used, length - used, ends)
        if (record === 0) break
        used += record
      }
      if (used === 0) {
        if (ends === Ends.Data) return file.size
        throw recordTooLong(file.path, border, length)
      }
      border += used
    }
    return border
  }
}

/** A record that does not end within a block. */
export function recordTooLong(file: string, byte: number, bytes: number, line?: number): Error {
  return runError(
    'RECORD_TOO_LONG',
    `a record does not end within ${bytes} bytes, the size of a block`,
    'is a quote never closed? If records are really that long, raise --block-bytes; if quotes are plain text, use --quote ""',
    { file, byte, ...(line === undefined ? {} : { line }) },
  )
}
