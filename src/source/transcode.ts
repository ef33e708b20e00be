import type { ByteStream } from './byte-stream.js'

const CHUNK_BYTES = 64 << 10
/** No byte of UTF-8 text: stands for what is no text in the other encoding, so that its row is reported as bad. */
const NOT_UTF8 = 0xff

/**
 * Writes the UTF-8 of `from` to `into`, which has room for twice as many bytes. What cannot be told yet is left for the
 * next call, unless this is the `last`. Returns the bytes used and the bytes written.
 */
export type Transcoder = (
  from: Uint8Array,
  into: Uint8Array,
  last: boolean,
) => [used: number, written: number]

/** ISO 8859-1: every byte is the character of that number. */
export const fromLatin1: Transcoder = (from, into) => {
  let out = 0
  for (const byte of from) {
    if (byte < 0x80) {
      into[out++] = byte
    } else {
      into[out++] = 0xc0 | (byte >>> 6)
      into[out++] = 0x80 | (byte & 0x3f)
    }
  }
  return [from.length, out]
}

/** UTF-16; a surrogate without its other half, or half a unit at the end, becomes a byte that is not UTF-8. */
export function fromUtf16(order: 'le' | 'be'): Transcoder {
  const low = order === 'le' ? 0 : 1
  const high = 1 - low
  return (from, into, last) => {
    let at = 0
    let out = 0
    const end = from.length - 1
    while (at < end) {
      const unit = from[at + low]! | (from[at + high]! << 8)
      at += 2
      if (unit < 0x80) {
        into[out++] = unit
      } else if (unit < 0x800) {
        into[out++] = 0xc0 | (unit >>> 6)
        into[out++] = 0x80 | (unit & 0x3f)
      } else if ((unit & 0xf800) !== 0xd800) {
        into[out++] = 0xe0 | (unit >>> 12)
        into[out++] = 0x80 | ((unit >>> 6) & 0x3f)
        into[out++] = 0x80 | (unit & 0x3f)
      } else if (at >= end && !last) {
        return [at - 2, out]
      } else {
        const other = at < end ? from[at + low]! | (from[at + high]! << 8) : 0
        if (unit < 0xdc00 && (other & 0xfc00) === 0xdc00) {
          const point = 0x10000 + ((unit & 0x3ff) << 10) + (other & 0x3ff)
          into[out++] = 0xf0 | (point >>> 18)
          into[out++] = 0x80 | ((point >>> 12) & 0x3f)
          into[out++] = 0x80 | ((point >>> 6) & 0x3f)
          into[out++] = 0x80 | (point & 0x3f)
          at += 2
        } else {
          into[out++] = NOT_UTF8
        }
      }
    }
    if (last && at < from.length) {
      into[out++] = NOT_UTF8
      at++
    }
    return [at, out]
  }
}

/** A byte stream in another encoding as UTF-8, from which a byte order mark of UTF-8 is left out. */
export class TranscodedStream implements ByteStream {
  readonly #from = new Uint8Array(CHUNK_BYTES)
  readonly #into = new Uint8Array(2 * CHUNK_BYTES)
  /** Bytes in `#from`. */
  #waiting = 0
  /** What of `#into` has not been given out. */
  #start = 0
  #end = 0
  #ended = false
  #atStart = true

  constructor(
    private readonly source: ByteStream,
    private readonly transcode: Transcoder,
  ) {}

  get name(): string {
    return this.source.name
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#start === this.#end && !this.#ended) await this.#fill()
    const bytes = Math.min(into.length, this.#end - this.#start)
    into.set(this.#into.subarray(this.#start, this.#start + bytes))
    this.#start += bytes
    return bytes
  }

  close(): void {
    this.source.close()
  }

  async #fill(): Promise<void> {
    const read = await this.source.read(this.#from.subarray(this.#waiting))
    this.#ended = read === 0
    const bytes = this.#from.subarray(0, this.#waiting + read)
    const [used, written] = this.transcode(bytes, this.#into, this.#ended)
    this.#from.copyWithin(0, used, bytes.length)
    this.#waiting = bytes.length - used
    this.#end = written
    this.#start = this.#atStart ? markLength(this.#into.subarray(0, written)) : 0
    this.#atStart &&= written === 0
  }
}

/** A whole character is written at once, so that a mark is never cut. */
function markLength([a, b, c]: Uint8Array): number {
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0
}
