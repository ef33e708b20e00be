import { fstatSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { runError } from '../errors.js'
import type { InputFile } from './files.js'
import { PipeReader } from './pipe-reader.js'

/**
 * Bytes from front to back. A new kind of source (a decompressor, a socket, a URL) implements this.
 *
 * A stream is made of parts; each part is a CSV of its own with its own header (a file, or all of standard input).
 */
export interface ByteStream {
  /** Name of the part that is being read, for messages. */
  readonly name: string
  /** Fills `into` from its start as far as bytes come at once; 0 at the end of the part. `into` may be shared memory. */
  read(into: Uint8Array): Promise<number>
  /** Goes on to the next part; false after the last. */
  nextPart(): boolean
  /** Stops reading; what was opened here is closed. */
  close(): void
}

const readDescriptor = promisify(read)

/** Standard input: a pipe, a socket, a file or a terminal. */
export class StandardInput implements ByteStream {
  readonly name = 'standard input'
  readonly #pipe: PipeReader | undefined

  constructor() {
    const kind = fstatSync(0)
    if (kind.isFIFO() || kind.isSocket()) this.#pipe = new PipeReader(0)
  }

  async read(into: Uint8Array): Promise<number> {
    try {
      if (this.#pipe !== undefined) return await this.#pipe.read(into)
      return (await readDescriptor(0, into, 0, into.length, null)).bytesRead
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      throw runError(
        'READ_FAILED',
        `standard input could not be read: ${message}`,
        'check the program that writes to it',
        {},
        cause,
      )
    }
  }

  nextPart(): boolean {
    return false
  }

  close(): void {
    this.#pipe?.close()
  }
}

/** Files, one after the other. */
export class FileStream implements ByteStream {
  #file = 0
  #offset = 0

  constructor(private readonly files: readonly InputFile[]) {}

  get name(): string {
    return this.files[this.#file]!.path
  }

  async read(into: Uint8Array): Promise<number> {
    const { bytesRead } = await readDescriptor(
      this.files[this.#file]!.descriptor,
      into,
      0,
      into.length,
      this.#offset,
    )
    this.#offset += bytesRead
    return bytesRead
  }

  nextPart(): boolean {
    this.#file++
    this.#offset = 0
    return this.#file < this.files.length
  }

  close(): void {
    // The files belong to whoever opened them.
  }
}
