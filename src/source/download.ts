import { closeSync, read, write } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tmpdir } from 'node:os'
import { openNameless } from '../engine/nameless-file.js'
import { MillraceError, runError, usageError } from '../errors.js'
import { describeFile, type OpenedFile } from './files.js'
import { changed, readAnswer, requestOf, type Answer, type Version } from './http.js'
import { shownUrl } from './url.js'

/** How a dropped connection is taken up again. */
export interface Retries {
  /** Connections in a row that bring nothing before it is given up. */
  readonly most: number
  /** Seconds before the first of them; the wait doubles with each. */
  readonly firstWait: number
}

const usualRetries: Retries = { most: 6, firstWait: 0.1 }
const LONGEST_WAIT = 5

const readDescriptor = promisify(read)
const writeDescriptor = promisify(write)

/**
 * Downloads an http(s) address into a temporary file that has no name, so that it can be read anywhere, and again. A
 * dropped connection is taken up where it broke off.
 *
 * @throws MillraceError DOWNLOAD_FAILED, or INPUT_CHANGED where what the server has is not what it had at first.
 */
export async function download(
  address: string,
  stopped: AbortSignal,
  retries = usualRetries,
): Promise<OpenedFile> {
  const url = parseUrl(address)
  const descriptor = openNameless('download')
  try {
    const spool = new Spool(url, descriptor)
    let fruitless = 0
    while (!(await spool.take(stopped))) {
      fruitless = spool.advanced ? 1 : fruitless + 1
      if (fruitless > retries.most) throw givenUp(shownUrl(url), spool)
      const seconds = Math.min(LONGEST_WAIT, retries.firstWait * 2 ** (fruitless - 1))
      await wait(seconds * 1000, undefined, { signal: stopped })
    }
    return describeFile(shownUrl(url), descriptor)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** The bytes so far, and what is known of the whole. */
class Spool {
  bytes = 0
  /** Whether the last connection brought anything. */
  advanced = false
  /** Why the last connection ended early. */
  failure: unknown
  #version: Version | undefined

  constructor(
    private readonly url: URL,
    private readonly descriptor: number,
  ) {}

  /** One connection; true where all bytes are there. */
  async take(stopped: AbortSignal): Promise<boolean> {
    const before = this.bytes
    try {
      const response = await fetch(...requestOf(this.url, this.bytes, this.#version, stopped))
      const answer = readAnswer(response, shownUrl(this.url), this.bytes, this.#version)
      this.#version ??= answer.version
      await this.#receive(answer)
      const { size } = this.#version
      if (size === undefined || this.bytes === size) return true
      this.failure = new Error(`the connection ended after ${this.bytes} of ${size} bytes`)
    } catch (cause) {
      if (cause instanceof MillraceError || stopped.aborted) throw cause
      this.failure = cause
    } finally {
      this.advanced = this.bytes > before
    }
    return false
  }

  /** Bytes that are there already, from a server that cannot start in the middle, must be the same. */
  async #receive({ body, start }: Answer): Promise<void> {
    let at = start
    for await (const chunk of body) {
      const known = Math.min(chunk.length, this.bytes - at)
      if (known > 0) await this.#compare(chunk.subarray(0, known), at)
      if (known < chunk.length) await this.#append(chunk.subarray(Math.max(0, known)))
      at += chunk.length
    }
    if (at < this.bytes)
      throw changed(shownUrl(this.url), `it had ${this.bytes} bytes and more, and has ${at} now`)
  }

  async #compare(chunk: Uint8Array, at: number): Promise<void> {
    const kept = Buffer.alloc(chunk.length)
    for (let done = 0; done < kept.length;) {
      done += (await readDescriptor(this.descriptor, kept, done, kept.length - done, at + done)).bytesRead
    }
    if (!kept.equals(chunk)) throw changed(shownUrl(this.url), `bytes behind ${at} are not what they were`)
  }

  async #append(chunk: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < chunk.length;) {
        const left = chunk.length - done
        const { bytesWritten } = await writeDescriptor(this.descriptor, chunk, done, left, this.bytes)
        done += bytesWritten
        this.bytes += bytesWritten
      }
    } catch (cause) {
      throw runError(
        'DOWNLOAD_FAILED',
        `${shownUrl(this.url)} could not be kept in a temporary file: ${(cause as Error).message}`,
        `free some space in ${tmpdir()}, or set TMPDIR to another folder`,
        { file: shownUrl(this.url), byte: this.bytes },
        cause,
      )
    }
  }
}

function parseUrl(address: string): URL {
  try {
    return new URL(address)
  } catch {
    throw usageError('NOT_A_URL', 'an input starts like a URL but is none', 'check its host and its port')
  }
}

function givenUp(file: string, { bytes, failure }: Spool): MillraceError {
  // fetch says why it failed in the cause of its error.
  const { message, cause } = failure as Error
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : message
  return runError(
    'DOWNLOAD_FAILED',
    `${file} could not be downloaded: ${reason}`,
    bytes === 0 ? 'check the address and the network' : 'run again when the server keeps its connections',
    { file, byte: bytes },
    failure,
  )
}
