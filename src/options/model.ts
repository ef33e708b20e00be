/** Checks of the options of `predict` and `evaluate`: few, and without zod, so that these commands start at once. */

import { usageError, shown, type MillraceError } from '../errors.js'
import { availableCpus } from './cpus.js'
import { checkMemory } from './memory.js'
import {
  character,
  names,
  namesOrSource,
  oneOf,
  parseBadRowLimit,
  parseSize,
  readingRules,
  splitNames,
  text,
  trueOrFalse,
  type Rule,
} from './rules.js'
import {
  defaults,
  predictionFormats,
  type BadRowLimit,
  type BadRowPolicy,
  type DecimalMark,
  type EncodingName,
  type EvaluateOptions,
  type InputSource,
  type PredictionFormat,
  type PredictOptions,
} from '../options.js'
import { didYouMean } from '../suggest.js'

/** Checked options of `predict` and `evaluate`. What stays `undefined` is as the model file says. */
export interface ResolvedModelOptions {
  readonly model: string
  readonly input: readonly string[] | InputSource
  /** Undefined, or `-`: standard output. */
  readonly out: string | undefined
  readonly format: PredictionFormat
  readonly keep: readonly string[]
  readonly threshold: number | undefined
  readonly explain: boolean
  readonly delimiter: string | undefined
  /** '' for no quoting. */
  readonly quote: string | undefined
  readonly header: boolean | undefined
  readonly comment: string | undefined
  readonly encoding: EncodingName | undefined
  readonly decimal: DecimalMark | undefined
  readonly onBadRow: BadRowPolicy
  readonly quarantine: string
  readonly maxBadRows: BadRowLimit
  readonly workers: number
  /** Bytes. */
  readonly memory: number
  readonly signal: AbortSignal | undefined
}

const rules: Readonly<Record<string, Rule>> = {
  model: text('the path of a model file'),
  out: text('a path'),
  format: oneOf(predictionFormats),
  keep: names,
  threshold: { expected: 'a finite number', holds: Number.isFinite },
  explain: trueOrFalse,
  ...readingRules,
}

/**
 * Checks the options of `predict` and `evaluate` and fills in the defaults.
 *
 * @throws MillraceError of kind `usage`, naming the option, what was expected and what was given.
 */
export function resolveModelOptions(options: PredictOptions | EvaluateOptions): ResolvedModelOptions {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) throw unknownOption(name, Object.keys(rules))
    if (value !== undefined && !rule.holds(value)) throw wrongOption(name, rule.expected, value)
  }
  for (const name of ['model', 'input'] as const) {
    if (options[name] === undefined) throw wrongOption(name, rules[name]!.expected, undefined)
  }
  const { keep, out, format, threshold, explain = false } = options as PredictOptions
  const { delimiter, quote, comment, maxBadRows } = options
  const onBadRow = options.onBadRow ?? defaults.onBadRow
  if (maxBadRows !== undefined && onBadRow === 'fail') throw badRowConflict()
  const memory = options.memory === undefined ? defaults.memory : parseSize(options.memory)
  checkMemory(memory)
  return {
    model: options.model,
    input: namesOrSource(options.input),
    out,
    format: format ?? formatOf(out),
    keep: keep === undefined ? [] : splitNames(keep),
    threshold,
    explain,
    delimiter: delimiter === undefined ? undefined : character(delimiter),
    quote: quote === undefined ? undefined : character(quote),
    header: options.header,
    comment: comment === undefined ? undefined : character(comment),
    encoding: options.encoding,
    decimal: options.decimal,
    onBadRow,
    quarantine: options.quarantine ?? defaults.quarantine,
    maxBadRows: maxBadRows === undefined ? defaults.maxBadRows : parseBadRowLimit(maxBadRows)!,
    workers: options.workers ?? availableCpus(),
    memory,
    signal: options.signal,
  }
}

/** By the name of the output. */
function formatOf(out: string | undefined): PredictionFormat {
  return out !== undefined && /\.(ndjson|jsonl)$/i.test(out) ? 'ndjson' : 'csv'
}

/** Hints for what has no default. */
const whatToName: Readonly<Record<string, string>> = {
  input: 'name a file, or - for standard input',
  target: 'name the column to predict',
  model: 'name the file that a training run wrote',
}

/** An option with a value that it cannot have. */
export function wrongOption(option: string, expected: string, value: unknown): MillraceError {
  const choices = /^one of (.*)$/.exec(expected)?.[1]?.split(', ')
  const hint =
    choices !== undefined && typeof value === 'string'
      ? didYouMean(value, choices)
      : (whatToName[option] ?? 'leave it out for its default')
  const found = value === undefined ? 'got nothing' : `got ${shown(value)}`
  return usageError('OPTION_VALUE', `${option}: expected ${expected}, ${found}`, hint, {
    option,
  })
}

/** An option that does not exist. */
export function unknownOption(option: string, known: readonly string[]): MillraceError {
  return usageError('OPTION_UNKNOWN', `there is no option ${shown(option)}`, didYouMean(option, known))
}

/** Two options that exclude each other. */
export function conflict(option: string, message: string, hint: string): MillraceError {
  return usageError('OPTION_CONFLICT', `${option}: ${message}`, hint, { option })
}

export function badRowConflict(): MillraceError {
  return conflict(
    'maxBadRows',
    'a limit on bad rows has no meaning while the first one stops the run',
    'let bad rows be skipped or quarantined (onBadRow, --on-bad-row), or leave the limit out',
  )
}
