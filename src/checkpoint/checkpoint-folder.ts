import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { causeOf, readTensorFile, writeAll } from '../artifact/model-file.js'
import { makeFolder } from '../artifact/make-folder.js'
import { checkReplaceable, replaceFile, syncFolder } from '../artifact/replace-file.js'
import { MillraceError, runError, shown, shownPath } from '../errors.js'
import type { Checkpoint } from './checkpoint.js'
import { decodeCheckpoint } from './checkpoint-bytes.js'

/** The one that is gone on from, and one to fall back on. */
const KEPT = 2
const NAME = /^checkpoint-(\d{12})\.safetensors$/
/** What a kill in the middle of writing leaves. */
const PARTIAL = /^\.checkpoint-\d{12}\.safetensors\.[0-9a-f]+\.partial$/

/** A checkpoint that was read back. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint
  readonly path: string
  /** Why a newer one was passed over. */
  readonly warning: string | undefined
}

/**
 * The checkpoints of a run, one file each, named by step: the newest two. A file takes its name when it is whole and on the
 * disk, and only then the oldest one goes: at every instant there is a whole checkpoint, if there ever was one.
 */
export class CheckpointFolder {
  private constructor(readonly path: string) {}

  /** Makes the folder where there is none. Throws CHECKPOINT_NOT_WRITTEN where nothing can be written to it. */
  static async open(path: string): Promise<CheckpointFolder> {
    const folder = new CheckpointFolder(path)
    try {
      await makeFolder(path)
      await checkReplaceable(folder.#pathOf(0))
      for (const name of await readdir(path)) {
        if (PARTIAL.test(name)) await rm(join(path, name), { force: true })
      }
    } catch (error) {
      throw folder.#notWritten(error)
    }
    return folder
  }

  /** The newest checkpoint that is whole; undefined where there is none at all. Throws CHECKPOINT_INVALID where none is whole. */
  async newest(): Promise<FoundCheckpoint | undefined> {
    const names = await this.#names()
    const reasons: string[] = []
    for (const name of names.reverse()) {
      const path = join(this.path, name)
      try {
        const checkpoint = decodeCheckpoint(await readTensorFile(path))
        const warning =
          reasons.length === 0 ? undefined : `${reasons.join('; ')}; going on from ${shownPath(name)}`
        return { checkpoint, path, warning }
      } catch (error) {
        reasons.push(`the checkpoint ${shown(name)} cannot be read: ${reasonOf(error)}`)
      }
    }
    if (reasons.length === 0) return undefined
    const hint = 'begin anew with another --checkpoint folder, or restore the files of this one'
    throw runError('CHECKPOINT_INVALID', reasons.join('; '), hint, { file: this.path })
  }

  /** Writes a checkpoint, then removes all but the newest two; returns its path. Throws CHECKPOINT_NOT_WRITTEN. */
  async write(step: number, bytes: Uint8Array): Promise<string> {
    const path = this.#pathOf(step)
    try {
      await replaceFile(path, (handle) => writeAll(handle, bytes))
      await this.#keepNewest()
    } catch (error) {
      throw this.#notWritten(error)
    }
    return path
  }

  /** Removes them all: they are those of another run. */
  async clear(): Promise<void> {
    for (const name of await this.#names()) await rm(join(this.path, name), { force: true })
    await syncFolder(this.path)
  }

  async #keepNewest(): Promise<void> {
    const names = await this.#names()
    for (const name of names.slice(0, -KEPT)) await rm(join(this.path, name), { force: true })
  }

  /** From the oldest to the newest: the digits of a step are as many as those of any other. */
  async #names(): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => NAME.test(name)).sort()
  }

  #pathOf(step: number): string {
    return join(this.path, `checkpoint-${String(step).padStart(12, '0')}.safetensors`)
  }

  #notWritten(error: unknown): MillraceError {
    const { code = '' } = error as NodeJS.ErrnoException
    const hints: Record<string, string> = {
      ENOSPC: 'free some space on the disk, then go on with --resume',
      EDQUOT: 'the quota is used up: free some space, then go on with --resume',
      ENOTDIR: `${shownPath(dirname(this.path))} is not a folder: name another one with --checkpoint`,
      EEXIST: `${shownPath(this.path)} is not a folder: name another one with --checkpoint`,
    }
    return runError(
      'CHECKPOINT_NOT_WRITTEN',
      `cannot write a checkpoint to ${shownPath(this.path)}: ${causeOf(error)}`,
      hints[code] ?? 'check the folder, its permissions and the disk; earlier checkpoints are as they were',
      {},
      error,
    )
  }
}

function reasonOf(error: unknown): string {
  return error instanceof MillraceError ? error.message.replace(/^model file: /, '') : causeOf(error)
}
