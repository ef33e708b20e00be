import { open, type FileHandle } from 'node:fs/promises'
import { MillraceError, runError } from '../../errors.js'
import { EventLines } from '../read-events.js'
import type { WatchedRun } from './watched-run.js'

/** Bytes that are read at once. */
const CHUNK = 2 ** 18
/** Bytes at the beginning by which a file is known to be the same. */
const HEAD = 512

/** An event file as it grows: it may come later, be cut off, or be written anew. */
export class FollowedFile {
  #lines: EventLines
  #offset = 0
  #head: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  /** Nothing more can be read: it is no file of events. */
  #isBroken = false
  /** Why the last look failed. */
  #told: string | undefined

  constructor(
    readonly path: string,
    private readonly run: WatchedRun,
  ) {
    this.#lines = new EventLines(path)
  }

  /**
   * Shows what has been added since the last time; returns whether the file is there. Throws a MillraceError, once, where it is no
   * file of events: it is looked at again when it has been written anew.
   */
  async read(): Promise<boolean> {
    let file: FileHandle | undefined
    try {
      file = await open(this.path)
      if (await this.#isAnother(file)) this.#begin()
      if (this.#isBroken) return true
      await this.#readOn(file)
      this.#told = undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      this.#failed(error)
    } finally {
      await file?.close()
    }
    return true
  }

  async #isAnother(file: FileHandle): Promise<boolean> {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    const head = buffer.subarray(0, bytesRead)
    const { size } = await file.stat()
    const isSame = size >= this.#offset && head.subarray(0, this.#head.length).equals(this.#head)
    this.#head = head
    return !isSame
  }

  #begin(): void {
    this.#lines = new EventLines(this.path)
    this.#offset = 0
    this.#isBroken = false
    this.run.reset()
  }

  async #readOn(file: FileHandle): Promise<void> {
    const buffer = Buffer.alloc(CHUNK)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, this.#offset)
      if (bytesRead === 0) return
      this.#offset += bytesRead
      for (const record of this.#lines.add(buffer.subarray(0, bytesRead))) this.run.show(record)
    }
  }

  #failed(error: unknown): void {
    this.#isBroken = error instanceof MillraceError
    const known = error instanceof MillraceError ? error : unreadable(this.path, error as Error)
    const { code, message, hint, place } = known
    if (message === this.#told) return
    this.#told = message
    this.run.show({ type: 'failed', code, message, hint, place })
    throw known
  }
}

function unreadable(file: string, error: Error): MillraceError {
  const hint = 'check the path and its permissions'
  return runError('FILE_UNREADABLE', `cannot read: ${error.message}`, hint, { file }, error)
}
