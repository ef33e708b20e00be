import { fstatSync } from 'node:fs'
import { runError } from '../errors.js'
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

/** Throws INPUT_CHANGED where an open file was written to since it was opened. */
export function checkUnchanged({ path, descriptor, identity }: OpenedFile): void {
  const now = identify(descriptor)
  if (now.size === identity.size && now.mtimeNs === identity.mtimeNs && now.ctimeNs === identity.ctimeNs)
    return
  const what =
    now.size === identity.size ? 'was written to' : `had ${identity.size} bytes and has ${now.size} now`
  throw runError(
    'INPUT_CHANGED',
    `${path} changed while it was read: it ${what}`,
    'run again when nothing writes to it',
    { file: path },
  )
}
