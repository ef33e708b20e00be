import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { runError } from '../errors.js'
import { identify, type FileIdentity } from './file-identity.js'

/** One open file of the input. Its descriptor is also used by the workers, which read from it at their own offsets. */
export interface InputFile {
  readonly path: string
  readonly descriptor: number
  /** Bytes when it was opened. */
  readonly size: number
  /** Where its first byte lies in the whole input: the sizes of the files before it. */
  readonly base: number
  /** When it was opened. */
  readonly identity: FileIdentity
}

/** Opens all files; on failure those already open are closed. */
export function openFiles(paths: readonly string[]): InputFile[] {
  const files: InputFile[] = []
  let base = 0
  try {
    for (const path of paths) {
      const descriptor = openFile(path)
      const { size } = fstatSync(descriptor)
      files.push({ path, descriptor, size, base, identity: identify(descriptor) })
      base += size
    }
  } catch (error) {
    closeFiles(files)
    throw error
  }
  return files
}

export function closeFiles(files: readonly InputFile[]): void {
  for (const file of files) closeSync(file.descriptor)
}

function openFile(path: string): number {
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
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor)
    throw runError(
      'NOT_A_FILE',
      `${JSON.stringify(path)} is not a regular file`,
      'name a file, or pipe it in and name -',
    )
  }
  return descriptor
}

/** Reads up to `length` bytes at `offset`; returns fewer only at the end of the file. */
export function readAt(file: InputFile, into: Uint8Array, length: number, offset: number): number {
  let done = 0
  while (done < length) {
    const bytes = readSync(file.descriptor, into, done, length - done, offset + done)
    if (bytes === 0) break
    done += bytes
  }
  return done
}
