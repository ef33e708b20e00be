import { parseBoolean } from './booleans.js'
import { decimal } from './decimal.js'
import type { ColumnRole } from './roles.js'
import type { ColumnStatistics, ValueCounts } from './sample.js'
import type { ColumnSchema, DecimalMark } from './schema.js'

/** A column is read as numbers where at least this share of its values (missing ones apart) are numbers. */
const SHARE_OF_NUMBERS = 0.75
/** Whole numbers in a range of at most this many values are read as categories … */
const MOST_CODES = 32
/** … where the sample has at least this many rows for each. */
const ROWS_A_CODE = 1000

/** Whether a feature without a given kind is read as numbers. */
export function looksNumeric({ numbers, texts }: ColumnStatistics): boolean {
  return numbers > 0 && numbers >= SHARE_OF_NUMBERS * (numbers + texts)
}

/**
 * Whether a feature is whole numbers in a narrow range, each of which the sample shows often: an hour, a month, a
 * rating. It is then read as categories, one weight a value, because little speaks for the effect of an hour to be
 * a straight line, and there are rows enough to learn it value by value. Two values are as well off as a number. A network
 * bends the line itself: it takes the number, whose order it would have to find among the categories.
 */
export function looksLikeCodes({ whole, minimum, maximum, numbers, texts }: ColumnStatistics): boolean {
  const values = maximum - minimum + 1
  return whole && texts === 0 && values > 2 && values <= MOST_CODES && numbers >= values * ROWS_A_CODE
}

/** Whether the values of a column have to be counted to tell what it is: categories, a target, texts among its numbers. */
export function needsCounts(kind: ColumnSchema['kind'], statistics: ColumnStatistics): boolean {
  if (kind === 'category' || kind === 'target') return true
  return kind === 'number' && statistics.texts > 0 && (!looksNumeric(statistics) || onlyBits(statistics))
}

function onlyBits({ numbers, whole, minimum, maximum }: ColumnStatistics): boolean {
  return numbers === 0 || (whole && minimum >= 0 && maximum <= 1)
}

/**
 * Whether a feature is booleans: words such as true and no (booleans.ts), 0 and 1 among them too, and nothing else. Both
 * truth values must be met, unless the column is named as numeric: a column of `f` alone may be anything.
 */
export function looksBoolean(
  role: ColumnRole,
  statistics: ColumnStatistics,
  counts: ValueCounts | undefined,
  mark: DecimalMark,
): boolean {
  if (counts === undefined || (role !== 'feature' && role !== 'numeric')) return false
  if (statistics.texts === 0 || !onlyBits(statistics)) return false
  const truths = new Set<0 | 1>()
  for (const text of counts.keys()) {
    const truth = parseBoolean(text, decimal(text, mark))
    if (truth === undefined) return false
    truths.add(truth)
  }
  return truths.size === 2 || role === 'numeric'
}

/** The kind of a column, as far as it can be told without counting values: one of texts may turn out boolean. */
export function columnKind(
  role: ColumnRole,
  statistics: ColumnStatistics,
  codesAreCategories: boolean,
): ColumnSchema['kind'] {
  if (role !== 'feature') return kindOfRole[role]
  if (codesAreCategories && looksLikeCodes(statistics)) return 'category'
  if (looksNumeric(statistics)) return 'number'
  return statistics.texts > 0 ? 'category' : 'ignored'
}

const kindOfRole = {
  target: 'target',
  weight: 'weight',
  ignored: 'ignored',
  numeric: 'number',
  categorical: 'category',
  date: 'date',
} as const
