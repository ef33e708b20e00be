import { randomBytes } from 'node:crypto'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { failPoint } from '../fail-points.js'
import { finished, started } from './unfinished-files.js'

/** What a file system that cannot flush a folder, or a platform that cannot open one, answers. */
export const NO_FOLDER_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EACCES', 'EISDIR', 'EBADF'])

/**
 * Writes a file whole or not at all: whoever opens the path, at any instant, finds the old bytes or the new ones.
 *
 * The new bytes go to a file beside (same folder, so that the rename cannot cross a border between file systems), which
 * is flushed to the disk before it takes the name, and the folder is flushed after. `write` fills the file through a
 * handle that this function opens and closes. A link is followed: what it names is replaced. The permissions of a file
 * that is replaced stay. After a kill, a file named like `.model.safetensors.1f2e3d4c5b6a.partial` may be left.
 *
 * Throws what the system or `write` threw, after removing the file beside; the old file is then as it was.
 */
export async function replaceFile(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const { target, mode } = replaceable(path)
  const beside = besidePath(target)
  started(beside)
  try {
    const handle = await open(beside, 'wx')
    try {
      if (mode !== undefined) await handle.chmod(mode)
      await write(handle)
      failPoint('before fsync')
      await handle.sync()
      failPoint('after fsync')
    } finally {
      await handle.close()
    }
    failPoint('before rename')
    await rename(beside, target)
  } catch (error) {
    // A disk that does not write may not remove either: the first cause is the one to tell.
    await rm(beside, { force: true }).catch(() => undefined)
    throw error
  } finally {
    finished(beside)
  }
  failPoint('after rename')
  await syncFolder(dirname(target))
}

/** Fails as replaceFile would for this path, without touching what is there; to ask before hours of work. */
export async function checkReplaceable(path: string): Promise<void> {
  const { target } = replaceable(path)
  const beside = besidePath(target)
  const handle = await open(beside, 'wx')
  await handle.close()
  await rm(beside)
}

/** A new name in the folder of the target. */
export function besidePath(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`)
}

/** The file behind the path and its permissions. Throws where there is something that must not be replaced. */
export function replaceable(path: string): { target: string; mode: number | undefined } {
  let target: string
  try {
    target = realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    // A pipe at /dev/stdout has no path of its own.
    const nameless = statSync(path, { throwIfNoEntry: false })
    if (nameless !== undefined) throw notAFile(path, nameless.isDirectory())
    return { target: path, mode: undefined }
  }
  const found = statSync(target)
  // A rename would put a plain file in the place of a device such as /dev/null.
  if (!found.isFile()) throw notAFile(path, found.isDirectory())
  // A rename would also replace a file that is write-protected.
  accessSync(target, constants.W_OK)
  return { target, mode: found.mode & 0o777 }
}

function notAFile(path: string, folder: boolean): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(folder ? 'it is a folder' : 'it is not a regular file')
  return Object.assign(error, { code: folder ? 'EISDIR' : 'ENOTREG', path })
}

/** The rename has been made; that it is on the disk too is what this adds, where the system can. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } catch (error) {
    if (!NO_FOLDER_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle?.close()
  }
}
