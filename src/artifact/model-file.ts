import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MillraceError, runError, shownPath } from '../errors.js'
import type { TrainedModel } from '../model/model.js'
import { decodeModel, encodeModel } from './model-bytes.js'
import { checkReplaceable, replaceFile } from './replace-file.js'
import { headerLength, PREFIX_BYTES } from './safetensors.js'

/** One read or write call moves at most this many bytes; the system's limit is 2^31. */
const LARGEST_CALL = 2 ** 30

/**
 * Writes the model, whole or not at all: a failure or a kill at any instant leaves the file that was there before.
 *
 * Throws as encodeModel does, and MODEL_NOT_SAVED that names the path and the cause.
 */
export async function saveModel(path: string, model: TrainedModel): Promise<void> {
  const bytes = encodeModel(model)
  try {
    await replaceFile(path, (handle) => writeAll(handle, bytes))
  } catch (error) {
    throw notSaved(path, error)
  }
}

/** Throws MODEL_NOT_SAVED where saveModel could not write to this path, so that a run can fail before it trains. */
export async function checkModelPath(path: string): Promise<void> {
  try {
    await checkReplaceable(path)
  } catch (error) {
    throw notSaved(path, error)
  }
}

/**
 * Reads a model file. The first 8 bytes decide whether the rest is read at all, so that a large file that is no model is
 * refused at once.
 *
 * Throws MODEL_NOT_READ that names the path and the cause, and MODEL_INVALID as decodeModel does, with the path.
 */
export async function loadTrainedModel(path: string): Promise<TrainedModel> {
  const bytes = await readModelBytes(path)
  return namingPath(path, () => decodeModel(bytes))
}

/** The bytes of a model file, which may still be none. Throws as loadTrainedModel does. */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    return await readTensorFile(path)
  } catch (error) {
    if (!(error instanceof MillraceError)) throw notRead(path, error)
    return namingPath(path, () => {
      throw error
    })
  }
}

/** What `decode` returns; errors in the file name it. */
export function namingPath<Decoded>(path: string, decode: () => Decoded): Decoded {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    throw runError(error.code, `${shownPath(path)}: ${error.message}`, error.hint, {}, error)
  }
}

/** The bytes of a safetensors file, read only where its first 8 bytes can be those of one. Throws what the system throws, and MODEL_INVALID. */
export async function readTensorFile(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const found = await handle.stat()
    if (found.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
    if (!found.isFile()) throw Object.assign(new Error('it is not a regular file'), { code: 'ENOTREG' })
    const prefix = new Uint8Array(Math.min(PREFIX_BYTES, found.size))
    await readAll(handle, prefix)
    headerLength(prefix, found.size)
    const bytes = new Uint8Array(found.size)
    await readAll(handle, bytes)
    return bytes
  } finally {
    await handle.close()
  }
}

async function readAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, LARGEST_CALL), at)
    if (bytesRead === 0) throw new Error('it was cut short while it was read')
    at += bytesRead
  }
}

/** Writes all bytes from the start of the file. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, Math.min(bytes.length - at, LARGEST_CALL), at)
    at += bytesWritten
  }
}

function notSaved(path: string, error: unknown): MillraceError {
  const hint = hintFor(error, {
    ENOENT: `make the folder ${shownPath(dirname(path))} first`,
    ENOTDIR: `${shownPath(dirname(path))} is not a folder: name another path with --out`,
    EISDIR: 'name a file in it, such as model.safetensors',
    ENOTREG: 'name a file: a model cannot be written to a device or a pipe',
    EACCES: 'check the permissions of the file and its folder',
    EPERM: 'check the permissions of the file and its folder',
    EROFS: 'the file system is read-only: name another path with --out',
    ENOSPC: 'free some space on the disk, or name another path with --out',
    EDQUOT: 'the quota is used up: free some space, or name another path with --out',
    ENAMETOOLONG: 'name a shorter path with --out',
  })
  const message = `cannot write the model to ${shownPath(path)}: ${causeOf(error)}`
  return runError('MODEL_NOT_SAVED', message, hint ?? 'check the path and the disk', {}, error)
}

function notRead(path: string, error: unknown): MillraceError {
  const hint = hintFor(error, {
    ENOENT: 'check the path; `millrace train` writes a model with --out',
    EISDIR: 'name the model file in it',
    EACCES: 'check the permissions of the file and its folder',
  })
  const message = `cannot read the model ${shownPath(path)}: ${causeOf(error)}`
  return runError('MODEL_NOT_READ', message, hint ?? 'check the path and the disk', {}, error)
}

function hintFor(error: unknown, hints: Readonly<Record<string, string>>): string | undefined {
  return hints[(error as NodeJS.ErrnoException).code ?? '']
}

/** The system's words without its code and paths: `ENOENT: no such file or directory, open '…'`. */
export function causeOf(error: unknown): string {
  const { message } = error as Error
  return message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+( '.*)?$/s, '')
}
