import type { ByteStream, StreamPart } from '../source/byte-stream.js'
import { PausedStream } from '../source/paused-stream.js'
import { ReplayedStream } from '../source/replayed-stream.js'

const LINE_FEED = 0x0a

/** Opens the parts of an input, knows which of them are open, and closes those when the run ends early. */
export class OpenParts {
  readonly #open = new Set<ByteStream>()
  /** Streams of which the first bytes have been read. */
  readonly #begun = new Map<StreamPart, ByteStream>()

  /** `live`: parts are PausedStreams, whose dialect has this quote. */
  constructor(private readonly live?: { readonly quote: string | undefined }) {}

  open(part: StreamPart): ByteStream {
    const begun = this.#begun.get(part)
    this.#begun.delete(part)
    const stream = begun ?? (this.live === undefined ? part.open() : new PausedStream(part.open()))
    this.#open.add(stream)
    return stream
  }

  /** Reads the first bytes of a part into `into`, as far as there are some, or up to a pause behind its first record; it gives them out again when it is opened next. */
  async begin(part: StreamPart, into: Uint8Array): Promise<{ length: number; ended: boolean }> {
    const stream = this.open(part)
    let length = 0
    let ended = false
    while (length < into.length && !ended) {
      const rest = into.subarray(length)
      const isLive = stream instanceof PausedStream && holdsRecord(into.subarray(0, length), this.live?.quote)
      const read = isLive ? await stream.readUnlessPaused(rest) : await stream.read(rest)
      if (read === undefined) break
      length += read
      ended = read === 0
    }
    this.#begun.set(part, this.#again(stream, into.slice(0, length)))
    return { length, ended }
  }

  closed(stream: ByteStream): void {
    stream.close()
    this.#open.delete(stream)
  }

  close(): void {
    for (const stream of this.#open) this.closed(stream)
  }

  #again(stream: ByteStream, bytes: Uint8Array): ByteStream {
    if (stream instanceof PausedStream) {
      stream.putBack(bytes)
      return stream
    }
    this.#open.delete(stream)
    const replayed = new ReplayedStream(bytes, stream)
    this.#open.add(replayed)
    return replayed
  }
}

/** Whether a line ends outside quotes: a header is whole then. */
export function holdsRecord(bytes: Uint8Array, quote: string | undefined): boolean {
  const mark = quote?.charCodeAt(0)
  let inside = false
  for (const byte of bytes) {
    if (byte === mark) inside = !inside
    else if (byte === LINE_FEED && !inside) return true
  }
  return false
}
