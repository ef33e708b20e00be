import { readSync } from 'node:fs'
import { READ_AHEAD, type Region, type SharedMemory } from '../engine/memory.js'

const FIRST_STEP = 64 << 10
const MOST_MARKS = 1 << 16

/**
 * Lines of one file by byte: its line feeds are counted once, from the front, and only as far as lines are asked for.
 * How many there are before every `step` bytes is kept; a long file gets a longer step, so that this stays below 1 MB.
 */
export class LineIndex {
  /** Line feeds before byte i · step. */
  #marks = [0]
  #step = FIRST_STEP

  /** `window`: room for a piece of the file, see `lineWindow`. */
  constructor(
    private readonly memory: SharedMemory,
    private readonly window: Region,
    private readonly descriptor: number,
  ) {}

  /** Line of the byte, from 1. */
  lineAt(byte: number): number {
    while (byte >= this.#marks.length * this.#step) this.#mark()
    const mark = Math.floor(byte / this.#step)
    return 1 + this.#marks[mark]! + this.#count(mark * this.#step, byte)
  }

  #mark(): void {
    const from = (this.#marks.length - 1) * this.#step
    this.#marks.push(this.#marks.at(-1)! + this.#count(from, from + this.#step))
    if (this.#marks.length <= MOST_MARKS) return
    this.#marks = this.#marks.filter((_, i) => i % 2 === 0)
    this.#step *= 2
  }

  /** Line feeds between two bytes, as far as the file goes. */
  #count(from: number, to: number): number {
    const { kernel } = this.memory
    const bytes = this.memory.u8(this.window)
    let lines = 0
    for (let at = from; at < to;) {
      const length = readSync(this.descriptor, bytes, 0, Math.min(FIRST_STEP, to - at), at)
      if (length === 0) break
      lines += kernel.countLines(this.window.start, length)
      at += length
    }
    return lines
  }
}

/** Room that the indices of several files share. */
export function lineWindow(memory: SharedMemory): Region {
  return memory.allocate('line window', FIRST_STEP + READ_AHEAD)
}

/** Line of the byte, from 1, for the one message that asks. */
export function lineAt(descriptor: number, byte: number): number {
  const piece = Buffer.alloc(Math.min(FIRST_STEP, byte))
  let line = 1
  for (let at = 0; at < byte;) {
    const length = readSync(descriptor, piece, 0, Math.min(piece.length, byte - at), at)
    if (length === 0) break
    line += countLineFeeds(piece.subarray(0, length))
    at += length
  }
  return line
}

export function countLineFeeds(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}
