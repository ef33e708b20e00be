import { closeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { openNameless } from './nameless-file.js'
import type { CacheFile } from './row-cache.js'

/** A file without a name, for one run. */
export class TemporaryCache implements CacheFile {
  readonly start = 0
  readonly keep = false
  readonly where = `a temporary file in ${tmpdir()}`
  readonly hint = `free some space in ${tmpdir()}, set TMPDIR to a folder on a larger disk, or raise --memory`
  #descriptor: number | undefined

  get descriptor(): number {
    return (this.#descriptor ??= openNameless('rows'))
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
  }
}
