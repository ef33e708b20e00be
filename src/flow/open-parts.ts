import type { ByteStream, StreamPart } from '../source/byte-stream.js'
import { ReplayedStream } from '../source/replayed-stream.js'

/** Opens the parts of an input, knows which of them are open, and closes those when the run ends early. */
export class OpenParts {
  readonly #open = new Set<ByteStream>()
  /** Streams of which the first bytes have been read. */
  readonly #begun = new Map<StreamPart, ByteStream>()

  open(part: StreamPart): ByteStream {
    const begun = this.#begun.get(part)
    this.#begun.delete(part)
    const stream = begun ?? part.open()
    this.#open.add(stream)
    return stream
  }

  /** Reads the first bytes of a part into `into`, as far as there are some; it gives them out again when it is opened next. */
  async begin(part: StreamPart, into: Uint8Array): Promise<{ length: number; ended: boolean }> {
    const stream = this.open(part)
    let length = 0
    let ended = false
    while (length < into.length && !ended) {
      const read = await stream.read(into.subarray(length))
      length += read
      ended = read === 0
    }
    this.#open.delete(stream)
    const replayed = new ReplayedStream(into.slice(0, length), stream)
    this.#open.add(replayed)
    this.#begun.set(part, replayed)
    return { length, ended }
  }

  closed(stream: ByteStream): void {
    stream.close()
    this.#open.delete(stream)
  }

  close(): void {
    for (const stream of this.#open) this.closed(stream)
  }
}
