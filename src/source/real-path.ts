/** Paths by which two names of one file are recognised. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { InputSource } from '../options.js'
import { resolveInput } from './input.js'

/** The files on this machine that an input is read from; none where one is missing, which is told when it is opened. */
export function inputPaths(input: readonly string[] | InputSource): string[] {
  if (!Array.isArray(input) || typeof input[0] !== 'string') return []
  const local = (input as readonly string[]).filter((name) => name !== '-' && !/^https?:\/\//.test(name))
  try {
    const found = resolveInput(local)
    return found.kind === 'files' ? found.paths : []
  } catch {
    return []
  }
}

/** Without links, also where the file is not there yet. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // It is not there yet, but its folder may have several names.
    const folder = dirname(resolve(path))
    return existsSync(folder) ? join(realpathSync(folder), basename(path)) : resolve(path)
  }
}
