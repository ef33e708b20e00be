import { fstatSync, statSync } from 'node:fs'
import { runError, type MillraceError } from '../errors.js'
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
  const now = identify(descriptor)
  if (now.size !== identity.size) throw changed(path, `it had ${identity.size} bytes and has ${now.size} now`)
  if (now.mtimeNs !== identity.mtimeNs || now.ctimeNs !== identity.ctimeNs) {
    throw changed(path, 'it was written to, renamed or removed')
  }
  // What came from a URL has no path of its own.
  const there = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (there !== undefined && (there.ino !== identity.inode || there.dev !== identity.device)) {
    throw changed(path, 'another file took its place')
  }
}

function changed(path: string, what: string): MillraceError {
  return runError(
    'INPUT_CHANGED',
    `${path} changed after the run began: ${what}`,
    'run again when nothing writes to it',
    { file: path },
  )
}
