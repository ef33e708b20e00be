import { dirname } from 'node:path'
import { causeOf } from '../artifact/model-file.js'
import { runError, shownPath, type MillraceError } from '../errors.js'
import { conflict } from '../options/model.js'
import type { ResolvedOptions } from '../options.js'
import { inputPaths, realPath } from '../source/real-path.js'

/** A file that a sink writes, by the option that names it. */
export interface SinkOutput {
  readonly option: 'events' | 'history' | 'tensorboard'
  /** What it holds, as a message says it. */
  readonly what: string
  readonly path: string
}

/** Throws where the path of a sink is that of an input, or of something else that the run writes. */
export function checkOutputPath({ option, path }: SinkOutput, options: ResolvedOptions): void {
  const { input, validationFiles, onBadRow, quarantine, out, events, history } = options
  const others: readonly (readonly [what: string, path: string | undefined])[] = [
    ...[...inputPaths(input), ...inputPaths(validationFiles)].map((path) => ['an input', path] as const),
    ['the model', out],
    ['the quarantine', onBadRow === 'quarantine' ? quarantine : undefined],
    ['the file of events', option === 'events' ? undefined : events],
    ['the history', option === 'history' ? undefined : history],
  ]
  const wanted = realPath(path)
  const taken = others.find(([, other]) => other !== undefined && realPath(other) === wanted)
  if (taken === undefined) return
  throw conflict(option, `${shownPath(path)} is also ${taken[0]}`, `name another path (--${option})`)
}

/** An error of the system on the way to a sink's file. */
export function notWritten({ option, what, path }: SinkOutput, error: unknown): MillraceError {
  const { code = '' } = error as NodeJS.ErrnoException
  const hints: Record<string, string> = {
    ENOENT: `make the folder ${shownPath(dirname(path))} first`,
    EISDIR: 'it is a folder: name a file in it',
    ENOSPC: `free some space on the disk, or name another path with --${option}`,
    EPIPE: 'whoever read it has gone',
  }
  return runError(
    `${option.toUpperCase()}_NOT_WRITTEN`,
    `cannot write ${what} to ${path === '-' ? 'standard output' : shownPath(path)}: ${causeOf(error)}`,
    hints[code] ?? `check the path, its permissions and the disk, or name another path with --${option}`,
    {},
    error,
  )
}
