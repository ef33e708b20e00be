import type { ByteStream } from './byte-stream.js'

const nothing: Uint8Array = new Uint8Array(0)

/** Chunks of any size, as they come, as a byte stream. A failure of theirs is thrown as what `explain` makes of it. */
export class ChunkStream implements ByteStream {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk = nothing
  /** Bytes given out so far. */
  #bytes = 0
  #closed = false
  #stopWaiting: (() => void) | undefined

  constructor(
    readonly name: string,
    chunks: AsyncIterable<Uint8Array>,
    private readonly explain: (cause: unknown, byte: number) => unknown,
    /** Ends the chunks at once: a generator that waits does not hear that it should return. */
    private readonly stop: () => void = () => undefined,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      const chunk = await this.#next()
      if (chunk === undefined) return 0
      this.#chunk = chunk
    }
    const bytes = Math.min(into.length, this.#chunk.length)
    into.set(this.#chunk.subarray(0, bytes))
    this.#chunk = this.#chunk.subarray(bytes)
    this.#bytes += bytes
    return bytes
  }

  /** Also ends a wait for a chunk that does not come. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stopWaiting?.()
    this.stop()
    this.#chunks.return?.()?.catch(() => undefined)
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#closed) return undefined
    try {
      return await new Promise((settle, fail) => {
        this.#stopWaiting = () => settle(undefined)
        this.#chunks.next().then(({ done, value }) => settle(done === true ? undefined : value), fail)
      })
    } catch (cause) {
      if (this.#closed) return undefined
      throw this.explain(cause, this.#bytes)
    } finally {
      this.#stopWaiting = undefined
    }
  }
}

/** A byte stream in chunks of at most `chunkBytes`, each with memory of its own. */
export async function* chunksOf(stream: ByteStream, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes)
  for (let bytes = await stream.read(buffer); bytes > 0; bytes = await stream.read(buffer)) {
    yield buffer.slice(0, bytes)
  }
}
