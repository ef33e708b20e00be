import type { SharedMemory } from '../engine/memory.js'
import { runError } from '../errors.js'
import {
  categoryColumn,
  dateColumn,
  hashesAll,
  numberColumn,
  targetColumn,
  type InferenceOptions,
} from './infer.js'
import { fitInteractions, type PairCounter } from './interactions.js'
import { columnKind, looksBoolean, looksNumeric, needsCounts } from './kinds.js'
import type { ContextAddress } from './parse-context.js'
import { countPairs } from './pair-counts.js'
import { columnRoles, type ColumnRoles, type RoleOptions } from './roles.js'
import {
  countValues,
  profileColumns,
  type ColumnStatistics,
  type SampleChunk,
  type ValueCounts,
} from './sample.js'
import { isDense, type ColumnSchema, type DecimalMark, type Dialect, type Schema } from './schema.js'
import { hasSeparators, refuseSeparators } from './separators.js'
import { profileValues, valueReaders } from './value-profile.js'

/** Of the 256 or so of a file. */
const CHUNKS_OF_A_GLIMPSE = 16
/** A column of more values than this is not one of words for true and false. */
const MOST_WORDS = 100

/** Fits the schema on a sample: kinds by the options and the values, statistics and vocabularies by the sample. */
export function fitSchema(
  memory: SharedMemory,
  context: ContextAddress,
  dialect: Dialect,
  names: readonly string[],
  chunks: readonly SampleChunk[],
  options: RoleOptions & InferenceOptions,
): Schema {
  const roles = columnRoles(names, options)
  const { records, columns: statistics } = profileColumns(memory, context, chunks, names.length)
  if (records === 0) {
    throw runError(
      'NO_ROWS',
      `expected rows of ${names.length} fields, found none`,
      'check the delimiter, the quotes and the header: --delimiter, --quote, --no-header',
    )
  }
  const codesAreCategories = options.standardize && options.hidden === undefined
  const byStatistics = roles.map((role, i) => columnKind(role, statistics[i]!, codesAreCategories))
  const counted = byStatistics.flatMap((kind, i) => (needsCounts(kind, statistics[i]!) ? [i] : []))
  const missingTokens = new Set(dialect.missingTokens)
  const count = (of: readonly SampleChunk[], wanted: readonly number[]): Map<number, ValueCounts> =>
    countValues(memory, context, of, names.length, wanted, missingTokens)
  const glimpsed = hashesAll(options) ? counted.filter((i) => byStatistics[i] === 'category') : []
  const glimpse = glimpseOf(count(chunks.slice(0, CHUNKS_OF_A_GLIMPSE), glimpsed), dialect.decimal)
  const rest = count(
    chunks,
    counted.filter((i) => !glimpse.has(i)),
  )
  const counts = new Map([...rest, ...glimpse])
  checkSeparators(names, roles, statistics, counts, dialect.decimal)
  const kinds = byStatistics.map((kind, i) =>
    looksBoolean(roles[i]!, statistics[i]!, counts.get(i), dialect.decimal) ? 'boolean' : kind,
  )
  const readers = valueReaders(kinds, dialect.decimal)
  const profiles = profileValues(memory, context, chunks, names.length, readers, missingTokens)
  const columns = names.map((name, i): ColumnSchema => {
    const kind = kinds[i]!
    if (kind === 'number') return numberColumn(kind, name, statistics[i]!, options)
    if (kind === 'boolean') return numberColumn(kind, name, profiles.get(i)!.parts[0]!, options)
    if (kind === 'date') return dateColumn(name, profiles.get(i)!, options)
    if (kind === 'category') return categoryColumn(name, counts.get(i)!, options)
    return { kind, name }
  })
  checkFeatures(columns)
  const countsOf = (name: string): ValueCounts => counts.get(names.indexOf(name))!
  const pairCounter: PairCounter = (pairs) =>
    countPairs(
      memory,
      context,
      chunks,
      names.length,
      pairs.map(([a, b]) => [names.indexOf(a), names.indexOf(b)]),
      missingTokens,
    )
  const target = roles.indexOf('target')
  const shares = hashesAll(options) && columns.some(({ kind }) => kind === 'category')
  return {
    dialect,
    columns,
    interactions: fitInteractions(options.interactions, columns, countsOf, pairCounter, options),
    ...(shares ? { sharedBuckets: 2 ** options.hashBits! } : {}),
    target: targetColumn(names[target]!, statistics[target]!, counts.get(target)!, dialect.decimal, options),
  }
}

/**
 * The columns, of those whose values are all hashed, that a few rows tell to be categories: nothing else of their values is
 * needed, and to count all of them would take as long as to learn from tens of thousands of rows.
 */
function glimpseOf(counts: ReadonlyMap<number, ValueCounts>, mark: DecimalMark): Map<number, ValueCounts> {
  return new Map([...counts].filter(([, values]) => values.size > MOST_WORDS && !hasSeparators(values, mark)))
}

/** Refuses features of numbers that cannot be read as numbers, unless they are asked for as categories. */
function checkSeparators(
  names: readonly string[],
  roles: ColumnRoles,
  statistics: readonly ColumnStatistics[],
  counts: ReadonlyMap<number, ValueCounts>,
  mark: DecimalMark,
): void {
  for (const [i, values] of counts) {
    if (looksNumeric(statistics[i]!) || (roles[i] !== 'feature' && roles[i] !== 'numeric')) continue
    const name = /^[\w.-]+$/.test(names[i]!) ? names[i]! : JSON.stringify(names[i]!)
    refuseSeparators(names[i]!, values, mark, `--categorical ${name} reads them as categories`)
  }
}

function checkFeatures(columns: readonly ColumnSchema[]): void {
  if (columns.some((column) => isDense(column) || column.kind === 'category')) return
  throw runError(
    'NO_FEATURES',
    'there is no column to learn from',
    'see --features and --ignore; a column whose sample is all missing is left out',
  )
}
