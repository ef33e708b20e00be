import { fstatSync, ftruncateSync, write } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { ResumedFrom, TrainEvent } from '../events.js'
import type { ResolvedOptions } from '../options.js'
import { BackgroundFile, type WriteTarget } from './background-file.js'
import { cutLines, type LinePlace } from './cut-lines.js'
import { checkOutputPath, notWritten, type SinkOutput } from './output-path.js'

/** Where lines are in the file of a run that is gone on with. */
export type LinePlaces = (resumed: ResumedFrom) => (line: string) => LinePlace

const STANDARD_OUTPUT = 1
const writeTo = promisify(write)

/**
 * A file of lines that a run leaves. A run that begins replaces what was there; one that goes on from a checkpoint goes on here
 * too: each line is there once, as if nothing had interrupted it.
 */
export class RunFile extends BackgroundFile {
  /** Undefined where it is a pipe or a device. */
  readonly #descriptor: number | undefined
  readonly #output: SinkOutput
  readonly #placesOf: LinePlaces

  constructor(output: SinkOutput, target: WriteTarget, descriptor: number | undefined, placesOf: LinePlaces) {
    super(target, (error) => notWritten(output, error))
    this.#descriptor = descriptor
    this.#output = output
    this.#placesOf = placesOf
  }

  /** To be called once, before anything is written. Whether there are lines of the interrupted run above. */
  begin({ resumed }: TrainEvent & { type: 'start' }): boolean {
    return this.#prepare((descriptor) => {
      if (resumed === undefined) ftruncateSync(descriptor, 0)
      else cutLines(descriptor, this.#placesOf(resumed))
    })
  }

  /** The same for a run that has failed before its start; one that was to go on can still be gone on with. */
  beginFailed({ resume }: ResolvedOptions): void {
    this.#prepare((descriptor) => {
      if (resume) cutLines(descriptor, () => 'before')
      else ftruncateSync(descriptor, 0)
    })
  }

  #prepare(cut: (descriptor: number) => void): boolean {
    if (this.#descriptor === undefined) return false
    try {
      cut(this.#descriptor)
      return fstatSync(this.#descriptor).size > 0
    } catch (error) {
      throw notWritten(this.#output, error)
    }
  }
}

/**
 * Opens the file, and leaves what is in it for now; `-` is standard output.
 *
 * Throws where the path is that of another file of the run, or nothing can be written to it.
 */
export async function openRunFile(
  output: SinkOutput,
  options: ResolvedOptions,
  placesOf: LinePlaces,
): Promise<RunFile> {
  if (output.path === '-') return new RunFile(output, standardOutput, undefined, placesOf)
  checkOutputPath(output, options)
  try {
    const handle = await open(output.path, options.resume ? 'a+' : 'a')
    const isFile = (await handle.stat()).isFile()
    return new RunFile(output, fileTarget(handle), isFile ? handle.fd : undefined, placesOf)
  } catch (error) {
    throw notWritten(output, error)
  }
}

function fileTarget(handle: FileHandle): WriteTarget {
  return {
    write: async (bytes, from, count) => handle.write(bytes, from, count, null),
    close: async () => handle.close(),
  }
}

/** Not process.stdout, which makes the run wait for a pipe. */
const standardOutput: WriteTarget = {
  write: async (bytes, from, count) => writeTo(STANDARD_OUTPUT, bytes, from, count, null),
  close: async () => {},
}
