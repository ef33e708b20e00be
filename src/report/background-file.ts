const CHUNK_BYTES = 64 << 10
/** More than this waits for a disk or a pipe that does not keep up. */
const MOST_WAITING = 1 << 20
/** Milliseconds that what is written waits for more, so that others can read along. */
const INTERVAL = 50
/** Milliseconds until a pipe that takes no more is tried again. */
const RETRY = 5

/** What is written to: an open file, or standard output, which stays open. */
export interface WriteTarget {
  write(bytes: Uint8Array, from: number, count: number): Promise<{ bytesWritten: number }>
  close(): Promise<void>
}

/**
 * Writes at the end of a file in chunks, in the background, in order. Nobody waits for it: who can leave something out does so
 * while it `isBehind`.
 *
 * What fails is thrown by the next call, and by `close`.
 */
export class BackgroundFile {
  readonly #target: WriteTarget
  readonly #explained: (error: unknown) => Error
  /** Full chunks, the first to be written first. */
  readonly #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #isBehind = false
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #end = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #error: Error | undefined

  /** `explained`: what is thrown for an error of the system. */
  constructor(target: WriteTarget, explained: (error: unknown) => Error) {
    this.#target = target
    this.#explained = explained
  }

  /** From when more than 1 MiB waits until nothing does. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  write(content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    if (bytes.length > CHUNK_BYTES) {
      this.#passOn()
      this.#enqueue(bytes.slice())
    } else {
      this.reserve(bytes.length).set(bytes, this.#end)
      this.advance(this.#end + bytes.length)
    }
  }

  /** For those who write byte by byte: a buffer that has room for `bytes` more (64 KiB at most) from `end` on. */
  reserve(bytes: number): Buffer {
    if (this.#error !== undefined) throw this.#error
    if (this.#end + bytes > CHUNK_BYTES) this.#passOn()
    return this.#chunk
  }

  get end(): number {
    return this.#end
  }

  /** So far it has been filled. */
  advance(end: number): void {
    this.#end = end
    this.#timer ??= setTimeout(() => this.#passOn(), INTERVAL)
  }

  /** Resolves when all is written and the file is closed; the first error is thrown after that. */
  async close(): Promise<void> {
    this.#passOn()
    while (this.#writing !== undefined) await this.#writing
    await this.#target.close()
    if (this.#error !== undefined) throw this.#error
  }

  #passOn(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#end === 0) return
    this.#enqueue(this.#chunk.subarray(0, this.#end))
    this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    this.#end = 0
  }

  #enqueue(bytes: Uint8Array): void {
    if (this.#error !== undefined) return
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.#isBehind ||= this.#waitingBytes > MOST_WAITING
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    try {
      for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
        await writeWhole(this.#target, bytes)
        this.#waiting.shift()
        this.#waitingBytes -= bytes.length
      }
      this.#isBehind = false
    } catch (error) {
      this.#error = this.#explained(error)
      this.#waiting.length = 0
    } finally {
      this.#writing = undefined
    }
  }
}

async function writeWhole(target: WriteTarget, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += (await target.write(bytes, at, bytes.length - at)).bytesWritten
    } catch (error) {
      // Standard output may be a pipe that somebody has told not to wait.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY))
    }
  }
}
