/** The rules that options of several commands share: what is expected, and whether a value is that; a long list. Free of zod. */

import {
  badRowPolicies,
  decimalMarks,
  encodings,
  type BadRowLimit,
  type Input,
  type InputSource,
} from '../options.js'
import { MOST_LAYERS, MOST_UNITS } from '../model/network-limits.js'
import type { ClassWeight, GivenClassWeights } from '../schema/class-weights.js'
import type { ColumnPair } from '../schema/index.js'

export interface Rule {
  /** Completes "expected …". */
  readonly expected: string
  readonly holds: (value: unknown) => boolean
}

const MEBIBYTE = 2 ** 20
const GIBIBYTE = 2 ** 30

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: MEBIBYTE,
  gib: GIBIBYTE,
  tib: 2 ** 40,
}

/** `64MB`, `1.5 GiB`, `4096` or a number → whole bytes; NaN where it is none of these. */
export function parseSize(size: unknown): number {
  if (typeof size === 'number') return Number.isFinite(size) && size >= 0 ? Math.floor(size) : NaN
  if (typeof size !== 'string') return NaN
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(size)
  const unit = match === null ? undefined : units[match[2]!.toLowerCase()]
  return unit === undefined ? NaN : Math.floor(Number(match![1]) * unit)
}

/**
 * Names in a text, separated by commas; a name that holds a comma stands in double quotes, a quote in it is
 * doubled. A list is taken as it is.
 */
export function splitNames(names: string | readonly string[]): string[] {
  if (typeof names !== 'string') return [...names]
  const found = `,${names}`.match(/,\s*("(?:[^"]|"")*"|[^,]*)/g) ?? []
  return found.map((match) => {
    const name = match.slice(1).trim()
    const quoted = name.length > 1 && name.startsWith('"') && name.endsWith('"')
    return quoted ? name.slice(1, -1).replaceAll('""', '"') : name
  })
}

const NAME = '\\s*("(?:[^"]|"")*"|[^":,]+?)\\s*'
const PAIR = new RegExp(`^${NAME}:${NAME}$`)

/**
 * `origin:destination,hour:origin` → pairs of names; undefined where it is not that, a pair is of one column or comes twice.
 * A name that holds a colon, a comma or a quote stands in double quotes, a quote in it is doubled.
 */
export function parsePairs(pairs: unknown): ColumnPair[] | undefined {
  if (Array.isArray(pairs)) {
    const lists = pairs.map(parsePairs)
    return lists.includes(undefined) ? undefined : distinctPairs(lists.flatMap((list) => list!))
  }
  if (typeof pairs !== 'string') return undefined
  const texts = textsBetweenCommas(pairs)
  if (texts === undefined) return undefined
  const found = texts.map((text) => PAIR.exec(text)?.slice(1, 3).map(unquoted))
  return found.length === 0 || found.includes(undefined)
    ? undefined
    : distinctPairs(found as [string, string][])
}

function distinctPairs(pairs: ColumnPair[]): ColumnPair[] | undefined {
  const keys = new Set(pairs.map((pair) => JSON.stringify([...pair].sort())))
  return keys.size === pairs.length && pairs.every(([a, b]) => a !== b) ? pairs : undefined
}

const CLASS_WEIGHT = new RegExp(`^${NAME}:\\s*(\\d+(?:\\.\\d*)?(?:e[+-]?\\d+)?)\\s*$`, 'i')

/**
 * `balanced`, `no:1,yes:5` or `{ no: 1, yes: 5 }` → `balanced` or the weight of each class that is named; undefined where it
 * is none of these, a class comes twice or a weight is no finite number ≥ 0. Names are quoted as in parsePairs.
 */
export function parseClassWeights(given: unknown): GivenClassWeights | undefined {
  if (given === 'balanced') return given
  const weights = typeof given === 'string' ? writtenWeights(given) : objectEntries(given)
  const right = ([name, weight]: readonly [string, unknown]): boolean =>
    name !== '' && typeof weight === 'number' && weight >= 0 && weight < Infinity
  const names = new Set(weights?.map(([name]) => name))
  if (weights === undefined || names.size === 0 || names.size < weights.length) return undefined
  return weights.every(right) ? (weights as ClassWeight[]) : undefined
}

function writtenWeights(given: string): [string, number][] | undefined {
  const texts = textsBetweenCommas(given)
  const found = texts?.map((text) => CLASS_WEIGHT.exec(text))
  if (found === undefined || found.includes(null)) return undefined
  return found.map((match) => [unquoted(match![1]!), Number(match![2])])
}

function objectEntries(given: unknown): [string, unknown][] | undefined {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.entries(given)
    : undefined
}

/** What stands between commas that are not in double quotes; undefined where a quote is not closed. */
function textsBetweenCommas(given: string): string[] | undefined {
  const texts = given.match(/(?:"(?:[^"]|"")*"|[^,"])+/g) ?? []
  return texts.join(',') === given ? texts : undefined
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/** `\t` and `tab` are the tab, which is hard to type on a command line. */
export function character(value: string): string {
  return value === '\\t' || value.toLowerCase() === 'tab' ? '\t' : value
}

function isCharacter(value: unknown): boolean {
  return typeof value === 'string' && /^[\t\x20-\x7e]$/.test(character(value))
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t'
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

export function whole(from: number, to: number): Rule {
  return {
    expected: `a whole number, ${from} … ${to}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
  }
}

export function size(from: number, to: number, range: string): Rule {
  return {
    expected: `a size such as 64MB, ${range}`,
    holds: (value) => parseSize(value) >= from && parseSize(value) <= to,
  }
}

export function oneOf(names: readonly string[]): Rule {
  return {
    expected: `one of ${names.join(', ')}`,
    holds: (value) => typeof value === 'string' && names.includes(value),
  }
}

export const trueOrFalse: Rule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' }

/** A text that is not empty; `what` says what it is: a path, the name of a column. */
export function text(what: string): Rule {
  return { expected: what, holds: isText }
}

export const names: Rule = {
  expected: 'names separated by commas',
  holds: (value) =>
    Array.isArray(value) ? value.every(isText) : isText(value) && splitNames(value as string).every(isText),
}

export const pairs: Rule = {
  expected: 'pairs of two columns, origin:destination,hour:origin, each pair once',
  holds: (value) => parsePairs(value) !== undefined,
}

export const validation: Rule = {
  expected: 'a share of the rows, 0 or more and below 1 (0.1, 10%), or files',
  holds: (value) => parseValidation(value) !== undefined,
}

export const classWeights: Rule = {
  expected: 'balanced, or weights of classes, numbers of 0 or more: no:1,yes:5',
  holds: (value) => parseClassWeights(value) !== undefined,
}

/** Sizes of hidden layers. */
export const layerSizes: Rule = {
  expected: `1 to ${MOST_LAYERS} whole numbers of 1 … ${MOST_UNITS}, such as 64,32`,
  holds: (value) => parseLayerSizes(value) !== undefined,
}

/** `64,32`, 64 or [64, 32] → the sizes; undefined where they are none. */
export function parseLayerSizes(given: unknown): readonly number[] | undefined {
  const texts: unknown = typeof given === 'string' ? given.split(',').map(wholeNumber) : given
  const sizes: readonly unknown[] = Array.isArray(texts) ? texts : [texts]
  const isSize = (size: unknown): size is number =>
    Number.isInteger(size) && (size as number) >= 1 && (size as number) <= MOST_UNITS
  return sizes.length >= 1 && sizes.length <= MOST_LAYERS && sizes.every(isSize) ? sizes : undefined
}

function wholeNumber(digits: string): number {
  return /^\s*\d+\s*$/.test(digits) ? Number(digits) : NaN
}

/** `beta1=0.8,epsilon=1e-6` or `{ beta1: 0.8 }` → numbers by name; undefined where it is neither, or a name comes twice. */
export function parseSettings(given: unknown): Readonly<Record<string, number>> | undefined {
  const entries = typeof given === 'string' ? writtenSettings(given) : objectEntries(given)
  if (entries === undefined || entries.some(([, value]) => typeof value !== 'number')) return undefined
  const settings = Object.fromEntries(entries) as Record<string, number>
  return Object.keys(settings).length === entries.length ? settings : undefined
}

function writtenSettings(given: string): [string, number][] | undefined {
  const parts = given.split(',').map((part) => /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(part))
  const entries = parts.map((match): [string, number] => [match?.[1] ?? '', Number(match?.[2])])
  return entries.some(([, value]) => Number.isNaN(value)) ? undefined : entries
}

export const settings: Rule = {
  expected: 'settings by name, such as momentum=0.95,epsilon=1e-6, each once',
  holds: (value) => parseSettings(value) !== undefined,
}

export const abortSignal: Rule = {
  expected: 'an AbortSignal',
  holds: (value) => value instanceof AbortSignal,
}

export const input: Rule = {
  expected: 'one path or several (globs, URLs, or - for standard input), bytes, or rows as objects',
  holds: (value) =>
    Array.isArray(value)
      ? value.length > 0 && (value.every(isText) || value.every(isRow))
      : isText(value) || isSource(value),
}

function isRow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An AsyncIterable (a Readable is one) or an Observable. */
function isSource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Symbol.asyncIterator in value || 'subscribe' in value
}

/** Names are taken apart from sources; an array of rows is a source. */
export function namesOrSource(input: Input): readonly string[] | InputSource {
  if (typeof input === 'string') return [input]
  const named = Array.isArray(input) && typeof input[0] === 'string'
  return named ? [...(input as readonly string[])] : (input as InputSource)
}

/**
 * Rows to validate on: a share (0 ≤ share < 1, or `10%`), or names of files; undefined where it is none of these. Standard
 * input is no file, and a text that is a number is not believed to be the name of one.
 */
export function parseValidation(given: unknown): { share: number; files: readonly string[] } | undefined {
  if (typeof given === 'number') return given >= 0 && given < 1 ? { share: given, files: [] } : undefined
  if (typeof given === 'string') {
    const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(given)?.[1]
    if (percent !== undefined) return parseValidation(Number(percent) / 100)
  }
  const files: unknown[] = Array.isArray(given) ? given : [given]
  const isFile = (name: unknown): boolean => isText(name) && name !== '-' && Number.isNaN(Number(name))
  return files.length > 0 && files.every(isFile) ? { share: 0, files: files as string[] } : undefined
}

/** A number of rows (0, 1, 2 …), or a share of them: a fraction below 1, or `1%`; undefined where it is neither. */
export function parseBadRowLimit(limit: unknown): BadRowLimit | undefined {
  if (limit === Infinity) return { rows: Infinity, share: 1 }
  if (typeof limit === 'number') {
    if (Number.isSafeInteger(limit) && limit >= 0) return { rows: limit, share: 1 }
    return limit > 0 && limit < 1 ? { rows: Infinity, share: limit } : undefined
  }
  if (typeof limit !== 'string') return undefined
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(limit)?.[1]
  const share = Number(percent) / 100
  return share >= 0 && share <= 1 ? { rows: Infinity, share } : undefined
}

/** Options that every command which reads rows has. */
export const readingRules = {
  input,
  delimiter: { expected: 'one ASCII character', holds: isCharacter },
  quote: {
    expected: 'one ASCII character other than a blank, or an empty text for no quoting',
    holds: (value) => value === '' || (isCharacter(value) && !isBlank(character(value as string))),
  },
  header: trueOrFalse,
  comment: { expected: 'one ASCII character', holds: isCharacter },
  encoding: oneOf(encodings),
  decimal: oneOf(decimalMarks),
  onBadRow: oneOf(badRowPolicies),
  quarantine: { expected: 'a path', holds: isText },
  maxBadRows: {
    expected: 'a number of rows, 0 or more, or a share of them (0.01, 1%)',
    holds: (value) => parseBadRowLimit(value) !== undefined,
  },
  workers: whole(1, 1024),
  memory: size(4 * MEBIBYTE, 4 * GIBIBYTE, '4MiB … 4GiB'),
  signal: abortSignal,
} as const satisfies Record<string, Rule>
