/** The file of `train --config`: options by their names in the library, as docs/config.schema.json says. */

import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { causeOf } from '../artifact/model-file.js'
import { MillraceError, runError, usageError } from '../errors.js'
import { wrongOption } from '../options/model.js'
import { input, names, type Rule } from '../options/rules.js'
import { didYouMean } from '../suggest.js'
import { pathsFrom, type WrittenOptions } from '../run/written-options.js'

/** Keys of the file that are no options: editors and people use them. */
const ANNOTATIONS: readonly string[] = ['$schema', '$comment']

/** What a program may give as an object, a file can only name. */
const inFiles: Readonly<Record<string, Rule>> = {
  input: { expected: input.expected, holds: names.holds },
  initModel: { expected: 'the path of a model file', holds: (value) => typeof value === 'string' },
}

/**
 * Reads the options in a file; relative paths in it are relative to its folder. What their values may be is checked with those of the
 * command line.
 *
 * Throws CONFIG_NOT_READ, CONFIG_INVALID, and a usage error where there is no such option.
 */
export async function readConfig(path: string): Promise<WrittenOptions> {
  const { writtenOptionNames } = await import('../options/check.js')
  const parsed = await parseConfig(await readText(path), path)
  const options = Object.fromEntries(Object.entries(parsed).filter(([name]) => !ANNOTATIONS.includes(name)))
  for (const [name, value] of Object.entries(options)) {
    if (!writtenOptionNames.includes(name)) {
      const message = `there is no option ${JSON.stringify(name)}`
      throw usageError('OPTION_UNKNOWN', message, didYouMean(name, writtenOptionNames), { file: path })
    }
    const rule = inFiles[name]
    if (rule?.holds(value) === false) {
      throw inConfig(wrongOption(name, rule.expected, value), path, options)
    }
  }
  return pathsFrom(dirname(path), options)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const message = `cannot read the options: ${causeOf(error)}`
    throw runError('CONFIG_NOT_READ', message, 'check the path (--config)', { file: path }, error)
  }
}

interface Syntax {
  readonly name: string
  /** An object of options in it. */
  readonly example: string
  parse(text: string): unknown
}

const json: Syntax = {
  name: 'JSON',
  example: '{"input": "flights.csv", "target": "late"}',
  parse: (text) => JSON.parse(text) as unknown,
}

/** The package is loaded for a file that needs it. */
async function yaml(): Promise<Syntax> {
  const { parse } = await import('yaml')
  return {
    name: 'YAML',
    example: '"input: flights.csv" and "target: late" on two lines',
    parse: (text) => parse(text, { logLevel: 'error' }) as unknown,
  }
}

async function parseConfig(text: string, path: string): Promise<object> {
  const { name, example, parse } = /\.ya?ml$/i.test(path) ? await yaml() : json
  let value: unknown
  try {
    // Editors of Windows begin a file with a mark.
    value = parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    const what = (error as Error).message.trimEnd()
    throw usageError('CONFIG_INVALID', `expected the options as ${name}: ${what}`, `such as ${example}`, {
      file: path,
    })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw usageError('CONFIG_INVALID', 'expected an object of options', `such as ${example}`, { file: path })
}

/** The same error with the file in which its option stands, where that is so and no other was typed. */
export function inConfig(
  error: unknown,
  path: string,
  config: WrittenOptions,
  typed: WrittenOptions = {},
): Error {
  if (!(error instanceof MillraceError) || error.place.file !== undefined) return error as Error
  const { code, kind, message, hint, place, cause } = error
  const { option = '' } = place
  if (!Object.hasOwn(config, option) || Object.hasOwn(typed, option)) return error
  return new MillraceError(code, kind, message, hint, { ...place, file: path }, { cause })
}
