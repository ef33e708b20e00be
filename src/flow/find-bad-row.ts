import { readSync } from 'node:fs'
import type { Region, SharedMemory } from '../engine/memory.js'
import { countLineFeeds, LineIndex, lineWindow } from '../source/line-index.js'
import { BadRecords } from './bad-records.js'
import type { FoundBadRow } from './bad-rows.js'
import type { Block, BlockOrigin } from './block.js'

/** Looks up where bad records are, their text and their lines, once a message or the quarantine needs them. */
export class BadRowFinder {
  readonly #records: BadRecords
  /** By the descriptor of the file. */
  readonly #lines = new Map<number, LineIndex>()
  #window: Region | undefined

  constructor(private readonly memory: SharedMemory) {
    this.#records = new BadRecords(memory)
  }

  /** All bad rows of a block, in their order. Lines are counted for those that are asked for theirs. */
  *of(block: Block): Generator<FoundBadRow> {
    const { origin } = block
    const bytes = this.#bytesOf(block)
    let firstLine: number | undefined
    let counted = 0
    let lineFeeds = 0
    for (const bad of this.#records.of(block, bytes)) {
      lineFeeds += countLineFeeds(bytes.subarray(counted, bad.record))
      counted = bad.record
      const before = lineFeeds
      yield {
        bad,
        names: origin.columns.names,
        file: origin.file,
        byte: origin.offset + bad.record,
        record: bytes.slice(bad.record, bad.record + bad.recordLength),
        line: () => (firstLine ??= this.#firstLine(origin)) + before,
      }
    }
  }

  #bytesOf({ bytes, origin }: Block): Uint8Array {
    const { raw, descriptor, offset } = origin
    if (raw !== undefined) return raw
    if (bytes !== undefined) return this.memory.views.u8.slice(bytes.start, bytes.start + bytes.length)
    const read = new Uint8Array(origin.bytes)
    for (let done = 0; done < read.length;) {
      const count = readSync(descriptor!, read, done, read.length - done, offset + done)
      if (count === 0) break
      done += count
    }
    return read
  }

  #firstLine({ line, descriptor, offset }: BlockOrigin): number {
    if (line !== undefined) return line
    let index = this.#lines.get(descriptor!)
    if (index === undefined) {
      this.#window ??= lineWindow(this.memory)
      index = new LineIndex(this.memory, this.#window, descriptor!)
      this.#lines.set(descriptor!, index)
    }
    return index.lineAt(offset)
  }
}
