/**
 * The outer structure of zstd: frames of blocks. Source: RFC 8878, Y. Collet and M. Kucherawy, "Zstandard Compression",
 * 2021, section 3.1.
 *
 * Walked through here because neither decompressor can be trusted with it: that of Node 22 and 24 stops after the first
 * frame and may take a cut one for whole, fzstd expands all it is given at once.
 */
import type { ByteStream } from './byte-stream.js'

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const BLOCK_HEADER = 3
const MOST_BLOCK_BYTES = 128 << 10
/** What the zstd command and Node accept without being asked for more. */
const MOST_WINDOW_BYTES = 128 << 20

const dictionaryIdBytes = [0, 1, 2, 4] as const

export class ZstdFormatError extends Error {
  constructor(
    message: string,
    readonly code: 'Z_BUF_ERROR' | 'Z_DATA_ERROR' = 'Z_DATA_ERROR',
  ) {
    super(message)
  }
}

/** A frame that has begun. Its pieces must all be taken before the next frame. */
export interface ZstdFrame {
  readonly hasChecksum: boolean
  /** The stored bytes: the header, each block with its own, the checksum (4 bytes) where there is one. A piece expands to 128 KiB at most. */
  pieces(): AsyncGenerator<Uint8Array>
}

/** The frames of a stream one after the other; skippable ones are passed over. */
export async function* zstdFrames(stream: ByteStream): AsyncGenerator<ZstdFrame> {
  const reader = new ExactReader(stream)
  for (let magic = await reader.takeOrEnd(4); magic !== undefined; magic = await reader.takeOrEnd(4)) {
    const number = wordAt(magic, 0)
    if (number === MAGIC) yield await frame(reader, magic)
    else if ((number & ~15) >>> 0 === SKIPPABLE) await reader.skip(wordAt(await reader.take(4), 0))
    else throw new ZstdFormatError('what follows the last frame is no frame')
  }
}

async function frame(reader: ExactReader, magic: Uint8Array): Promise<ZstdFrame> {
  const descriptor = (await reader.take(1))[0]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const hasChecksum = (descriptor & 0x04) !== 0
  const sizeFlag = descriptor >>> 6
  const windowBytes = isSingleSegment ? 0 : 1
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag
  const idBytes = dictionaryIdBytes[descriptor & 3]!
  const rest = await reader.take(windowBytes + idBytes + sizeBytes)
  if (rest.subarray(windowBytes, windowBytes + idBytes).some((byte) => byte !== 0)) {
    throw new ZstdFormatError('it needs a dictionary')
  }
  const window = isSingleSegment ? contentSize(rest.subarray(idBytes)) : windowSize(rest[0]!)
  if (!(window <= MOST_WINDOW_BYTES)) {
    throw new ZstdFormatError(`it needs a window of ${window} bytes; compress it without --long or --ultra`)
  }
  const header = joined(magic, Uint8Array.of(descriptor), rest)
  return { hasChecksum, pieces: () => piecesOf(reader, header, hasChecksum) }
}

async function* piecesOf(
  reader: ExactReader,
  header: Uint8Array,
  hasChecksum: boolean,
): AsyncGenerator<Uint8Array> {
  yield header
  for (let isLast = false; !isLast;) {
    const start = await reader.take(BLOCK_HEADER)
    isLast = (start[0]! & 1) === 1
    const type = (start[0]! >>> 1) & 3
    const size = (start[0]! | (start[1]! << 8) | (start[2]! << 16)) >>> 3
    if (type === 3 || size > MOST_BLOCK_BYTES) throw new ZstdFormatError('a block has no valid header')
    // Type 1 is one byte that is repeated.
    yield joined(start, await reader.take(type === 1 ? 1 : size))
  }
  if (hasChecksum) yield await reader.take(4)
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

/** The size field of a frame: 1, 2 (counted from 256), 4 or 8 bytes. */
function contentSize(field: Uint8Array): number {
  const size = field.reduceRight((sum, byte) => sum * 256 + byte, 0)
  return field.length === 2 ? size + 256 : size
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Takes an exact number of bytes off a stream. */
class ExactReader {
  readonly #bytes = new Uint8Array(MOST_BLOCK_BYTES)
  #start = 0
  #end = 0

  constructor(private readonly stream: ByteStream) {}

  /** In memory of their own. */
  async take(bytes: number): Promise<Uint8Array> {
    const taken = await this.takeOrEnd(bytes)
    if (taken === undefined && bytes > 0) throw cutShort()
    return taken ?? new Uint8Array(0)
  }

  /** Undefined where the stream has ended before the first of them. */
  async takeOrEnd(bytes: number): Promise<Uint8Array | undefined> {
    const taken = new Uint8Array(bytes)
    let filled = 0
    while (filled < bytes && (await this.#fill())) {
      const piece = this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + bytes - filled))
      taken.set(piece, filled)
      filled += piece.length
      this.#start += piece.length
    }
    if (filled === bytes) return taken
    if (filled > 0) throw cutShort()
    return undefined
  }

  async skip(bytes: number): Promise<void> {
    let left = bytes
    while (left > 0) {
      if (!(await this.#fill())) throw cutShort()
      const skipped = Math.min(left, this.#end - this.#start)
      this.#start += skipped
      left -= skipped
    }
  }

  /** Whether there are bytes. */
  async #fill(): Promise<boolean> {
    if (this.#start < this.#end) return true
    this.#start = 0
    this.#end = await this.stream.read(this.#bytes)
    return this.#end > 0
  }
}

function cutShort(): Error {
  return new ZstdFormatError('unexpected end of file', 'Z_BUF_ERROR')
}
