import { fstatSync, statSync, type BigIntStats } from 'node:fs'
import { MillraceError, runError } from '../errors.js'
import type { OpenedFile } from './files.js'

/** What tells a file from another, and from itself after a change, without reading it. */
export interface FileIdentity {
  readonly device: bigint
  readonly inode: bigint
  /** Bytes. */
  readonly size: bigint
  /** Nanoseconds since 1970: of the last change of its bytes, and of anything about it. */
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

export function identify(descriptor: number): FileIdentity {
  const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true })
  return { device: dev, inode: ino, size, mtimeNs, ctimeNs }
}

/** Throws INPUT_CHANGED where an open file was written to since it was opened, or its path leads to another one now. */
export function checkUnchanged({ path, descriptor, identity }: OpenedFile): void {
  const now = whatItIs(path, descriptor)
  if (now.size !== identity.size) throw changed(path, `it had ${identity.size} bytes and has ${now.size} now`)
  if (now.mtimeNs !== identity.mtimeNs) throw changed(path, 'it was written to')
  const there = lookAt(path)
  // What came from a URL has no path of its own.
  if (typeof there === 'object' && (there.ino !== identity.inode || there.dev !== identity.device)) {
    throw changed(path, 'another file took its place')
  }
  if (now.ctimeNs === identity.ctimeNs) return
  const gone = there === undefined ? 'it was removed or renamed' : there
  throw changed(path, typeof gone === 'string' ? gone : 'its permissions or its links were changed')
}

/** A file on a network may be lost. */
function whatItIs(path: string, descriptor: number): FileIdentity {
  try {
    return identify(descriptor)
  } catch (error) {
    throw changed(path, `it can no longer be looked at (${(error as Error).message})`)
  }
}

/** What is at the path now, nothing, or why that cannot be told. */
function lookAt(path: string): BigIntStats | string | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    return `its folder can no longer be read (${(error as Error).message})`
  }
}

/** What to tell of a failure that was met in one of the files: INPUT_CHANGED where one has changed since it was opened, else what it was. */
export function causeInFiles(error: unknown, files: readonly OpenedFile[]): unknown {
  const { file } = error instanceof MillraceError ? error.place : {}
  if (!files.some(({ path }) => path === file)) return error
  try {
    files.forEach(checkUnchanged)
  } catch (change) {
    return change
  }
  return error
}

function changed(path: string, what: string): MillraceError {
  return runError(
    'INPUT_CHANGED',
    `${path} changed after the run began: ${what}`,
    'run again when nothing writes to it',
    { file: path },
  )
}
