import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net'

/** What a pipe holds at most, by default. */
const CHUNK_BYTES = 64 << 10

/**
 * Reads a pipe or socket into one buffer of its own, over and over, so that gigabytes pass without making garbage.
 * Unlike a read through the file system it waits in the event loop, not in a thread: it can be closed at any time.
 */
export class PipeReader {
  readonly #chunk = new Uint8Array(CHUNK_BYTES)
  readonly #socket: Socket
  #start = 0
  #end = 0
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(descriptor: number) {
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      fd: descriptor,
      readable: true,
      writable: false,
      onread: {
        buffer: this.#chunk,
        // False stops the reading: the chunk is written again only after it has been copied out.
        callback: (bytes) => {
          this.#start = 0
          this.#end = bytes
          this.#woken()
          return false
        },
      },
    }
    this.#socket = new Socket(options)
    this.#socket.on('end', () => this.#finish())
    this.#socket.on('close', () => this.#finish())
    this.#socket.on('error', (error) => this.#finish(error))
  }

  /** Copies what is there, waiting while nothing is; 0 at the end. */
  async read(into: Uint8Array): Promise<number> {
    while (this.#start === this.#end) {
      if (this.#error !== undefined) throw this.#error
      if (this.#ended) return 0
      await new Promise<void>((wake) => {
        this.#wake = wake
        this.#socket.resume()
      })
    }
    const bytes = Math.min(into.length, this.#end - this.#start)
    into.set(this.#chunk.subarray(this.#start, this.#start + bytes))
    this.#start += bytes
    return bytes
  }

  close(): void {
    this.#socket.destroy()
  }

  #finish(error?: Error): void {
    this.#ended = true
    this.#error ??= error
    this.#woken()
  }

  #woken(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
