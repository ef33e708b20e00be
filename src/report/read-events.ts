/** Reads what `--events` has written: finished files, those of runs that still go, and those of runs that were killed. */
import { createReadStream } from 'node:fs'
import { runError, shownPath, type MillraceError } from '../errors.js'
import { checkRecord } from './check-record.js'
import type { EventRecord } from './event-record.js'
import { Mismatch } from './json-checks.js'

/** Bytes of one line; a start record of ten thousand columns has two million. */
const LONGEST_LINE = 64 * 2 ** 20
const LINE_FEED = 0x0a

/**
 * Bytes of an event file, in the pieces in which they come, → checked records; holds no more than one line. The file is
 * untrusted: a line that is no record is an error that names the line.
 */
export class EventLines {
  private readonly decoder = new TextDecoder()
  private unfinished: Uint8Array[] = []
  private unfinishedBytes = 0
  private line = 0

  /** `file`: its name, for errors. */
  constructor(private readonly file: string) {}

  /** The records that these bytes complete. */
  *add(bytes: Uint8Array): Generator<EventRecord> {
    let from = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      this.keep(bytes.subarray(from, end))
      from = end + 1
      const record = this.record(this.takeLine())
      if (record !== undefined) yield record
    }
    // A copy, as the caller may use its bytes again; the slice of a Buffer is none.
    if (from < bytes.length) this.keep(new Uint8Array(bytes.subarray(from)))
  }

  /** At the end of the file: the last line, where it lacks its line break; one that a kill has cut off is passed over. */
  *end(): Generator<EventRecord> {
    const line = this.takeLine()
    try {
      JSON.parse(line)
    } catch {
      return
    }
    const record = this.record(line)
    if (record !== undefined) yield record
  }

  private keep(bytes: Uint8Array): void {
    this.unfinished.push(bytes)
    this.unfinishedBytes += bytes.length
    if (this.unfinishedBytes > LONGEST_LINE) {
      this.line++
      throw this.invalid(`expected lines of at most ${LONGEST_LINE} bytes, got a longer one`)
    }
  }

  private takeLine(): string {
    this.line++
    const [first, ...others] = this.unfinished
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(this.unfinished)
    this.unfinished = []
    this.unfinishedBytes = 0
    return this.decoder.decode(bytes).trim()
  }

  /** Undefined for an empty line, and for a type of record that this version does not know. */
  private record(line: string): EventRecord | undefined {
    if (line === '') return undefined
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch {
      throw this.invalid('expected one JSON object on each line, got something else')
    }
    try {
      return checkRecord(json)
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error
      const field = error.path.length === 0 ? '' : `"${error.path.join('.')}": `
      throw this.invalid(`no event record: ${field}${error.message}`)
    }
  }

  private invalid(message: string): MillraceError {
    return runError(
      'EVENTS_INVALID',
      message,
      'give a file that was written by millrace train --events <file>',
      { file: this.file, line: this.line },
    )
  }
}

/**
 * The records of an event file, in the order of the file; memory does not grow with it.
 *
 * Throws a MillraceError where the file cannot be read, or is none of events.
 */
export async function* readEvents(path: string): AsyncGenerator<EventRecord> {
  const lines = new EventLines(path)
  for await (const bytes of bytesOf(path)) yield* lines.add(bytes)
  yield* lines.end()
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Uint8Array>
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'ENOENT') {
      throw runError('FILE_NOT_FOUND', `no file ${shownPath(path)}`, 'check the path', { file: path }, error)
    }
    throw runError(
      'FILE_UNREADABLE',
      `cannot read: ${message}`,
      'check the path and its permissions',
      { file: path },
      error,
    )
  }
}
