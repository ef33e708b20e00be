import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { failPoint } from '../fail-points.js'
import { finished, started } from './unfinished-files.js'
import { besidePath, NO_FOLDER_SYNC, replaceable } from './replace-file.js'

/**
 * A file that is written bit by bit beside the one that it takes the place of in the end: as replaceFile does, but while
 * the run goes on, and without waiting, so that a run that ends in an error can still put it into place.
 *
 * All functions throw what the system throws.
 */
export class BesideFile {
  readonly #target: string
  readonly #path: string
  readonly #descriptor: number
  #open = true

  constructor(path: string) {
    const { target, mode } = replaceable(path)
    this.#target = target
    this.#path = besidePath(target)
    this.#descriptor = openSync(this.#path, 'wx')
    started(this.#path)
    try {
      if (mode !== undefined) fchmodSync(this.#descriptor, mode)
    } catch (error) {
      this.discard()
      throw error
    }
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done)
  }

  /** Leaves the old file as it was. */
  discard(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#descriptor)
    this.#remove()
  }

  /** Takes the name. Where that fails, the file beside is removed and the old one stays. */
  finish(): void {
    if (!this.#open) return
    this.#open = false
    try {
      try {
        failPoint('before fsync')
        fsyncSync(this.#descriptor)
        failPoint('after fsync')
      } finally {
        closeSync(this.#descriptor)
      }
      failPoint('before rename')
      renameSync(this.#path, this.#target)
      finished(this.#path)
    } catch (error) {
      this.#remove()
      throw error
    }
    failPoint('after rename')
    syncFolder(dirname(this.#target))
  }

  /** A disk that does not write may not remove either: the first cause is the one to tell. */
  #remove(): void {
    try {
      rmSync(this.#path, { force: true })
    } catch {
      // It stays, with a name that says what it is.
    }
    finished(this.#path)
  }
}

function syncFolder(folder: string): void {
  let descriptor: number | undefined
  try {
    descriptor = openSync(folder, 'r')
    fsyncSync(descriptor)
  } catch (error) {
    if (!NO_FOLDER_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
