import { fstatSync, statSync } from 'node:fs'
import { runError, type MillraceError } from '../errors.js'
import type { InputFile } from './files.js'

/** What tells a file, as it is now, from every other: a write changes the times, a replacement the inode. */
export interface FileIdentity {
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly inode: bigint
  readonly device: bigint
}

export function identityOf(descriptor: number): FileIdentity {
  const { size, mtimeNs, ctimeNs, ino: inode, dev: device } = fstatSync(descriptor, { bigint: true })
  return { size, mtimeNs, ctimeNs, inode, device }
}

/** Throws INPUT_CHANGED where a file is not what it was when it was opened, or its path leads to another one now. */
export function checkUnchanged({ path, descriptor, identity }: InputFile): void {
  const now = identityOf(descriptor)
  if (now.size !== identity.size) {
    throw changed(path, `expected the ${identity.size} bytes it had when the run began, found ${now.size}`)
  }
  if (now.mtimeNs !== identity.mtimeNs || now.ctimeNs !== identity.ctimeNs) {
    throw changed(path, 'it was written to, renamed or removed after the run began')
  }
  // What came from a URL has no path of its own, and a file that was removed can be read on.
  const there = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (there !== undefined && (there.ino !== identity.inode || there.dev !== identity.device)) {
    throw changed(path, 'another file took its place after the run began')
  }
}

function changed(path: string, what: string): MillraceError {
  return runError(
    'INPUT_CHANGED',
    `${path}: ${what}`,
    'do not write to the input while it is read; give the new file under a name of its own, then start again',
    { file: path },
  )
}
