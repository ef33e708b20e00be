import type { ByteStream } from './byte-stream.js'

/** Milliseconds without news that are a pause. */
const PAUSE = 100

const CHUNK_BYTES = 256 << 10

/**
 * A stream that tells when it pauses, so that what has come need not wait for what may come late: a read goes on in the background
 * into a chunk of its own, and is given out when it is next asked for.
 */
export class PausedStream implements ByteStream {
  /** Read, but not given out yet. */
  #rest: Uint8Array = new Uint8Array(0)
  readonly #chunk = new Uint8Array(CHUNK_BYTES)
  #reading: Promise<number> | undefined

  constructor(private readonly stream: ByteStream) {}

  get name(): string {
    return this.stream.name
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#rest.length === 0) this.#rest = this.#chunk.subarray(0, await this.#next())
    return this.#giveOut(into)
  }

  /** The same, but undefined where nothing has come before the pause ends. */
  async readUnlessPaused(into: Uint8Array): Promise<number | undefined> {
    if (this.#rest.length === 0) {
      let timer: NodeJS.Timeout | undefined
      const paused = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), PAUSE)
      })
      const bytes = await Promise.race([this.#next(), paused]).finally(() => clearTimeout(timer))
      if (bytes === undefined) return undefined
      this.#rest = this.#chunk.subarray(0, bytes)
    }
    return this.#giveOut(into)
  }

  /** These bytes, which were read last, are given out once more. */
  putBack(bytes: Uint8Array): void {
    const rest = new Uint8Array(bytes.length + this.#rest.length)
    rest.set(bytes)
    rest.set(this.#rest, bytes.length)
    this.#rest = rest
  }

  close(): void {
    this.stream.close()
  }

  /** Resolves with the bytes in the chunk; 0 at the end. A read that goes on is waited for again. */
  async #next(): Promise<number> {
    this.#reading ??= this.stream.read(this.#chunk)
    // Its failure is met when it is waited for; until then it must not count as unheard.
    this.#reading.catch(() => undefined)
    const bytes = await this.#reading
    this.#reading = undefined
    return bytes
  }

  #giveOut(into: Uint8Array): number {
    const bytes = this.#rest.subarray(0, into.length)
    into.set(bytes)
    this.#rest = this.#rest.subarray(bytes.length)
    return bytes.length
  }
}
