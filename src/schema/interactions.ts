import { PairSeparator, Parts } from '../../workers/layout.js'
import { usageError } from '../errors.js'
import { categoryColumn, type InferenceOptions } from './infer.js'
import type { ValueCounts } from './sample.js'
import {
  denseFeatures,
  isNumber,
  type ColumnPair,
  type ColumnSchema,
  type InteractionColumn,
  type Schema,
} from './schema.js'

const SEPARATOR = String.fromCharCode(PairSeparator.Byte)

/** The value of an interaction of two categories: both values, with U+001F between them. */
export function pairValue(first: string, second: string): string {
  return first + SEPARATOR + second
}

export function isPairValue(value: string): boolean {
  return value.includes(SEPARATOR)
}

/** A value of an interaction as people read it: `JFK:LAX`. */
export function shownPair(value: string): string {
  return value.replaceAll(SEPARATOR, ':')
}

/** `origin:destination`; a name that could be misread stands in double quotes. */
export function interactionName(columns: ColumnPair): string {
  return columns.map((name) => (/[:,"]|^\s|\s$/.test(name) ? quoted(name) : name)).join(':')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What the two columns are to their interaction. */
export interface InteractionSides {
  /** Names of the categories that its value is made of: two, or one where a number takes part. */
  readonly categories: readonly string[]
  /** Name of the number that multiplies its weights. */
  readonly factor: string | undefined
}

/** The parts that the columns of an interaction play; undefined where they cannot: neither is a category, or one is no category and no number. */
export function interactionSides(
  columns: readonly ColumnSchema[],
  names: ColumnPair,
): InteractionSides | undefined {
  const found = names.map((name) => columns.find((column) => column.name === name))
  const categories = found.flatMap((column) => (column?.kind === 'category' ? [column.name] : []))
  const factors = found.flatMap((column) => (column !== undefined && isNumber(column) ? [column.name] : []))
  if (categories.length === 0 || categories.length + factors.length < 2 || names[0] === names[1]) return
  return { categories, factor: factors[0] }
}

/** The dense word that multiplies the weights of each of the last category slots: those of interactions with a number. */
export function factorWords(schema: Schema): number[] {
  const features = denseFeatures(schema)
  return schema.interactions.flatMap(({ columns }) => {
    const factor = interactionSides(schema.columns, columns)?.factor
    if (factor === undefined) return []
    return [features.findIndex(({ column, scaling }) => column === factor && scaling !== undefined)]
  })
}

/** The categories that interactions are made of, each with the number of its Part (layout.ts). */
export function interactionParts({ columns, interactions }: Schema): Map<string, number> {
  const names = new Set(
    interactions.flatMap((interaction) => interactionSides(columns, interaction.columns)!.categories),
  )
  return new Map([...names].map((name, part) => [name, part]))
}

/** How often each value of these two columns occurs with each of the other's; a pair with a missing value is left out. */
export type PairCounter = (pairs: readonly ColumnPair[]) => ValueCounts[]

/**
 * The interactions of a schema, fitted on the sample as the vocabularies of its columns are.
 *
 * `counts` are those of the values of the category columns, by name.
 *
 * Throws a usage error where a pair is not two categories, or a category and a number.
 */
export function fitInteractions(
  pairs: readonly ColumnPair[],
  columns: readonly ColumnSchema[],
  counts: (name: string) => ValueCounts,
  countPairs: PairCounter,
  options: InferenceOptions,
): InteractionColumn[] {
  const sides = pairs.map((pair) => ({ pair, ...checkedSides(columns, pair) }))
  const ofCategories = sides.filter(({ factor }) => factor === undefined).map(({ pair }) => pair)
  const withFactor = sides.filter(({ factor }) => factor !== undefined)
  checkParts(sides)
  const pairCounts = countPairs(ofCategories)
  const interaction = (pair: ColumnPair, values: ValueCounts): InteractionColumn => ({
    ...categoryColumn(interactionName(pair), values, options),
    kind: 'interaction',
    columns: pair,
  })
  return [
    ...ofCategories.map((pair, i) => interaction(pair, pairCounts[i]!)),
    ...withFactor.map(({ pair, categories }) => interaction(pair, counts(categories[0]!))),
  ]
}

function checkedSides(columns: readonly ColumnSchema[], pair: ColumnPair): InteractionSides {
  const sides = interactionSides(columns, pair)
  if (sides !== undefined) return sides
  const name = interactionName(pair)
  const kinds = pair.map((side) => columns.find((column) => column.name === side)!)
  const odd = kinds.find((column) => column.kind !== 'category' && !isNumber(column))
  if (odd === undefined) {
    throw usageError(
      'INTERACTION_OF_NUMBERS',
      `--interactions ${name}: expected two categories, or a category and a number, found two numbers`,
      `--categorical ${pair[0]} reads it as categories`,
    )
  }
  const kind = { date: 'a date', target: 'the target', weight: 'the weight of the rows' }[odd.kind as string]
  throw usageError(
    'INTERACTION_OF_NO_FEATURE',
    `--interactions ${name}: expected categories and numbers, ${JSON.stringify(odd.name)} is ${kind ?? 'no feature'}`,
    kind === undefined ? 'see --features and --ignore' : 'name another column',
  )
}

function checkParts(sides: readonly InteractionSides[]): void {
  const parts = new Set(sides.flatMap(({ categories }) => categories)).size
  if (parts <= Parts.Capacity) return
  throw usageError(
    'TOO_MANY_INTERACTIONS',
    `--interactions: expected categories of at most ${Parts.Capacity} columns, found ${parts}`,
    'leave some out',
  )
}
