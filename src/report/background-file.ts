/** A call of the system costs as much as a hundred records. */
const CHUNK_BYTES = 256 << 10
/** More than this waits for a disk or a pipe that does not keep up. */
const MOST_WAITING = 1 << 20
/** Milliseconds that what is written waits for more, so that others can read along. */
const INTERVAL = 100
/** Milliseconds until a pipe that takes no more is tried again. */
const RETRY = 5

/** What is written to: an open file, or standard output, which stays open. */
export interface WriteTarget {
  write(bytes: Uint8Array, from: number, count: number): Promise<{ bytesWritten: number }>
  close(): Promise<void>
}

/** A piece of what is to be written, seen in two ways. */
export interface Chunk {
  readonly bytes: Uint8Array
  readonly view: DataView
}

function chunkOf(buffer: ArrayBuffer): Chunk {
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) }
}

function newChunk(): Chunk {
  return chunkOf(new ArrayBuffer(CHUNK_BYTES))
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
  readonly #waiting: { readonly chunk: Chunk; readonly bytes: number }[] = []
  /** One that has been written, to be filled again. */
  #spare: Chunk | undefined
  #waitingBytes = 0
  #isBehind = false
  #chunk = newChunk()
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
      this.#enqueue(chunkOf(Uint8Array.from(bytes).buffer), bytes.length)
    } else {
      this.reserve(bytes.length).bytes.set(bytes, this.#end)
      this.advance(this.#end + bytes.length)
    }
  }

  /** For those who write byte by byte: what has room for `bytes` more (256 KiB at most) from `end` on. */
  reserve(bytes: number): Chunk {
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
    const failed = this.#error
    this.#error = new Error('the file is closed')
    if (failed !== undefined) throw failed
  }

  #passOn(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#end === 0) return
    this.#enqueue(this.#chunk, this.#end)
    this.#chunk = this.#spare ?? newChunk()
    this.#spare = undefined
    this.#end = 0
  }

  #enqueue(chunk: Chunk, bytes: number): void {
    if (this.#error !== undefined) return
    this.#waiting.push({ chunk, bytes })
    this.#waitingBytes += bytes
    this.#isBehind ||= this.#waitingBytes > MOST_WAITING
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await writeWhole(this.#target, next.chunk.bytes.subarray(0, next.bytes))
        this.#waiting.shift()
        this.#waitingBytes -= next.bytes
        if (next.chunk.bytes.length === CHUNK_BYTES) this.#spare = next.chunk
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
