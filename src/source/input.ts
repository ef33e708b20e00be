import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runError, usageError } from '../errors.js'
import { isUrl } from './url.js'

/** Where the bytes come from: files, by path or address, or a stream, which is read once from front to back. */
export type Input = { kind: 'files'; paths: string[] } | { kind: 'stream'; name: string }

/**
 * Turns what the user named (paths, globs, http(s) addresses, `-`) into an input. Globs know `*`, `?`, `[a-z]` and `**`, and their matches
 * are sorted, so that the order does not depend on the file system.
 */
export function resolveInput(names: readonly string[]): Input {
  if (names.includes('-')) {
    if (names.length > 1) {
      throw usageError(
        'INPUT_MIXED',
        'standard input (-) cannot be mixed with files',
        'give either - or files',
      )
    }
    return { kind: 'stream', name: 'standard input' }
  }
  const paths = names.flatMap((name) => (isUrl(name) || existsSync(name) ? [name] : expandGlob(name)))
  return { kind: 'files', paths }
}

function expandGlob(pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) {
    throw runError(
      'FILE_NOT_FOUND',
      `there is no file ${JSON.stringify(pattern)}`,
      `looked for ${resolve(pattern)}`,
    )
  }
  const absolute = pattern.startsWith('/')
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  const matches = matchParts(absolute ? '/' : '', parts).sort()
  if (matches.length === 0) {
    throw runError(
      'FILE_NOT_FOUND',
      `no file matches ${JSON.stringify(pattern)}`,
      `looked from ${resolve('.')}`,
    )
  }
  return matches
}

function matchParts(folder: string, parts: readonly string[]): string[] {
  const [part, ...rest] = parts
  if (part === undefined) return []
  if (part === '..') return matchParts(join(folder, '..'), rest)
  const entries = listFolder(folder)
  if (part === '**') {
    const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    return [
      ...matchParts(folder, rest),
      ...below.flatMap((entry) => matchParts(join(folder, entry.name), parts)),
    ]
  }
  const pattern = segmentPattern(part)
  return entries
    .filter((entry) => pattern.test(entry.name) && (part.startsWith('.') || !entry.name.startsWith('.')))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (rest.length > 0) return entry.isDirectory() ? matchParts(path, rest) : []
      return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? [path] : []
    })
}

function listFolder(folder: string) {
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function segmentPattern(segment: string): RegExp {
  const body = segment.replace(/\[!?[^\]]+\]|[.+^${}()|\\\]\[*?]/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.length > 1) return piece.replace('[!', '[^').replaceAll('\\', '\\\\')
    return `\\${piece}`
  })
  return new RegExp(`^${body}$`, 's')
}
