/** Options in a file: which of them are paths, and how these are written down in another folder. */

import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { parseValidation } from '../options/rules.js'
import type { TrainOptions } from '../options.js'
import { isUrl } from '../source/url.js'

/** Options by their names, as somebody has written them: unchecked. */
export type WrittenOptions = Readonly<Partial<Record<keyof TrainOptions, unknown>>>

/** `out` stands last in a list that people read. */
const pathOptions = [
  'input',
  'validation',
  'initModel',
  'quarantine',
  'cache',
  'checkpoint',
  'events',
  'history',
  'tensorboard',
  'out',
] as const satisfies readonly (keyof TrainOptions)[]

/** Options of a file in `folder`, for use in the working folder. */
export function pathsFrom<Options extends WrittenOptions>(folder: string, options: Options): Options {
  return mapPaths(options, (path) => (isAbsolute(path) ? path : join(folder, path)))
}

/** Options for use in the working folder, to be written to a file in `folder`; with slashes, which every system reads. */
export function pathsAsIn<Options extends WrittenOptions>(folder: string, options: Options): Options {
  return mapPaths(options, (path) => (isAbsolute(path) ? path : withSlashes(relative(folder, resolve(path)))))
}

function withSlashes(path: string): string {
  const written = sep === '/' ? path : path.replaceAll(sep, '/')
  return written === '-' ? './-' : written
}

function mapPaths<Options extends WrittenOptions>(options: Options, map: (path: string) => string): Options {
  const mapped: Partial<Record<keyof TrainOptions, unknown>> = { ...options }
  for (const option of pathOptions) {
    const given = mapped[option]
    // A share is no file.
    if (option === 'validation' && parseValidation(given)?.files.length === 0) continue
    const one = (name: unknown): unknown =>
      typeof name === 'string' && name !== '' && name !== '-' && !isUrl(name) ? map(name) : name
    if (given !== undefined) mapped[option] = Array.isArray(given) ? given.map(one) : one(given)
  }
  return mapped as Options
}
