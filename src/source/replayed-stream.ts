import type { ByteStream } from './byte-stream.js'

/** A stream whose first bytes have been read already: gives them out again, then goes on with the rest. */
export class ReplayedStream implements ByteStream {
  #replayed = 0

  constructor(
    private readonly first: Uint8Array,
    private readonly rest: ByteStream,
  ) {}

  get name(): string {
    return this.rest.name
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#replayed === this.first.length) return this.rest.read(into)
    const bytes = this.first.subarray(this.#replayed, this.#replayed + into.length)
    into.set(bytes)
    this.#replayed += bytes.length
    return bytes.length
  }

  close(): void {
    this.rest.close()
  }
}
