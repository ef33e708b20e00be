/** Options that several commands have, and how their texts are read. */

import type { Command } from 'commander'
import { splitNames } from '../options/rules.js'
import { badRowPolicies, defaults, encodings } from '../options.js'

/** A number where the text is one; else the text, for the check to refuse. */
export function numberOrText(given: string): number | string {
  const value = Number(given)
  return given.trim() === '' || Number.isNaN(value) ? given : value
}

/** `point` and `comma` are easier to type than the marks. */
function decimalMark(given: string): string {
  return given === 'point' ? '.' : given === 'comma' ? ',' : given
}

/** Names separated by commas; the option may be given several times. */
export function collectNames(given: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), ...splitNames(given)]
}

/** Texts as they are; the option may be given several times. */
export function collectTexts(given: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), given]
}

/** Options as they were typed, under their library names: what was not typed is left to the library's defaults. */
export function typedOptions(command: Command): Record<string, unknown> {
  const typed: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(command.opts<Record<string, unknown>>())) {
    if (command.getOptionValueSource(name) === 'cli') typed[name] = value
  }
  return typed
}

export function addDialectOptions(
  command: Command,
  otherwise: { delimiter: string; quote: string; decimal: string },
): Command {
  return command
    .optionsGroup('Dialect:')
    .option('--delimiter <char>', `between fields; tab for the tab (default: ${otherwise.delimiter})`)
    .option('--quote <char>', `around fields; '' for none (default: ${otherwise.quote})`)
    .option('--no-header', 'the first record is data; columns are called c0, c1, …')
    .option('--comment <char>', 'pass over records that start with it')
    .option('--encoding <name>', `${encodings.join(', ')} (default: by the byte order mark, else utf-8)`)
    .option('--decimal <mark>', `in numbers, point or comma (default: ${otherwise.decimal})`, decimalMark)
}

export function addBadRowOptions(command: Command): Command {
  return command
    .optionsGroup('Bad rows:')
    .option('--on-bad-row <policy>', `${badRowPolicies.join(', ')} (default: ${defaults.onBadRow})`)
    .option('--quarantine <file>', `where quarantine writes bad rows (default: ${defaults.quarantine})`)
    .option('--max-bad-rows <n>', 'stop when more rows than this are bad, or this share (1%)', numberOrText)
}

export const thresholdHelp =
  'predict the second of two classes where its probability is above this (default: 0.5; of scores: 0)'

/** How a model's input is read, and on what: the options that evaluate and predict share. */
export function addModelInputOptions(command: Command): Command {
  const asTheModel = "the model's"
  addDialectOptions(command, { delimiter: asTheModel, quote: asTheModel, decimal: asTheModel })
  return addBadRowOptions(command)
    .optionsGroup('Machine:')
    .option('--workers <n>', 'threads (default: the CPUs there are)', numberOrText)
    .option('--memory <size>', 'shared memory for rows (default: 256MiB)')
}
