import { fstatSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { runError } from '../errors.js'
import { readFailed, type InputFile } from './files.js'
import { PipeReader } from './pipe-reader.js'

/** Bytes of one CSV from front to back. A new kind of source (a decompressor, a socket) implements this. */
export interface ByteStream {
  /** For messages. */
  readonly name: string
  /** Fills `into` from its start as far as bytes come at once; 0 at the end. `into` may be shared memory. */
  read(into: Uint8Array): Promise<number>
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

  close(): void {
    this.#pipe?.close()
  }
}

/** One CSV, with a header of its own: a file, or all of standard input. */
export interface StreamPart {
  readonly name: string
  /** Its size as far as it is known without reading it, of its text or compressed: parts are compared by it. */
  readonly bytes?: number | undefined
  /** Starts from the front; parts of a source that can be read only once are opened only once. */
  open(): ByteStream
}

/** A file from front to back. */
export class FileStream implements ByteStream {
  #offset = 0

  constructor(private readonly file: InputFile) {}

  get name(): string {
    return this.file.path
  }

  async read(into: Uint8Array): Promise<number> {
    try {
      // Not beyond the end that it had: predictions may be appended to it.
      const wanted = Math.min(into.length, this.file.size - this.#offset)
      const { bytesRead } = await readDescriptor(this.file.descriptor, into, 0, wanted, this.#offset)
      this.#offset += bytesRead
      return bytesRead
    } catch (cause) {
      throw readFailed(this.name, this.#offset, cause)
    }
  }

  close(): void {
    // The file belongs to whoever opened it.
  }
}

export function filePart(file: InputFile): StreamPart {
  return { name: file.path, bytes: file.size, open: () => new FileStream(file) }
}
