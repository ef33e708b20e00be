import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { runError, type MillraceError } from '../errors.js'
import { identify, type FileIdentity } from './file-identity.js'

/** One open file of the input. Its descriptor is also used by the workers, which read from it at their own offsets. */
export interface InputFile {
  readonly path: string
  readonly descriptor: number
  /** Bytes when it was opened. */
  readonly size: number
  /** Where its first byte lies in the whole input: the sizes of the files before it. */
  readonly base: number
  /** What it was when it was opened. */
  readonly identity: FileIdentity
}

/** A file before it has its place in the input. */
export type OpenedFile = Omit<InputFile, 'base'>

/** Their places in the input. */
export function oneAfterTheOther(opened: readonly OpenedFile[]): InputFile[] {
  let base = 0
  return opened.map((file) => {
    const placed = { ...file, base }
    base += file.size
    return placed
  })
}

export function closeFiles(files: readonly OpenedFile[]): void {
  for (const file of files) closeSync(file.descriptor)
}

export function openFile(path: string): OpenedFile {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (cause) {
    throw runError(
      'FILE_UNREADABLE',
      `cannot open ${JSON.stringify(path)}: ${(cause as Error).message}`,
      'check the path and its permissions',
      {},
      cause,
    )
  }
  if (fstatSync(descriptor).isFile()) return describeFile(path, descriptor)
  closeSync(descriptor)
  throw runError(
    'NOT_A_FILE',
    `${JSON.stringify(path)} is not a regular file`,
    'name a file, or pipe it in and name -',
  )
}

/** `path` is for messages: a file may have no name. */
export function describeFile(path: string, descriptor: number): OpenedFile {
  const identity = identify(descriptor)
  return { path, descriptor, size: Number(identity.size), identity }
}

/** Reads up to `length` bytes at `offset`; returns fewer only at the end of the file. Throws READ_FAILED. */
export function readAt(file: OpenedFile, into: Uint8Array, length: number, offset: number): number {
  let done = 0
  while (done < length) {
    try {
      const bytes = readSync(file.descriptor, into, done, length - done, offset + done)
      if (bytes === 0) break
      done += bytes
    } catch (cause) {
      throw readFailed(file.path, offset + done, cause)
    }
  }
  return done
}

/** A disk, or a network, that does not give what it holds. */
export function readFailed(path: string, byte: number, cause: unknown): MillraceError {
  const message = `the file could not be read: ${(cause as Error).message}`
  return runError('READ_FAILED', message, 'check the disk it lies on', { file: path, byte }, cause)
}
