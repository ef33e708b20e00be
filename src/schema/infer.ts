import { usageError, runError } from '../errors.js'
import type { LossName } from '../loss/index.js'
import { lossFacts } from '../loss/index.js'
import { booleanClasses } from './booleans.js'
import { looksNumeric } from './kinds.js'
import type { ColumnStatistics, ValueCounts } from './sample.js'
import { refuseSeparators } from './separators.js'
import type { ValueProfile } from './value-profile.js'
import type {
  CategoryColumn,
  DateColumn,
  DecimalMark,
  NumberColumn,
  Scaling,
  TargetColumn,
} from './schema.js'

/** A column that has more values than this for each one its vocabulary may hold does not grow. */
const VALUES_A_PLACE = 4
const MOST_CLASSES = 4_096
const FEWEST_BUCKETS = 16
const MOST_BUCKETS = 1 << 18

/** What inference needs to know of the run. */
export interface InferenceOptions {
  loss: LossName | undefined
  standardize: boolean
  /** Units of hidden layers; undefined for a linear model. */
  hidden?: readonly number[] | undefined
  /** Buckets of a column are 2^hashBits, of all columns together where no value has a weight of its own; undefined: by the sample. */
  hashBits: number | undefined
  /** The most values of a vocabulary. */
  maxCategories: number
  /** A value is in the vocabulary when it has been met this often. */
  minCount: number
  /** Encoded numbers are clamped to ±limit; null for no clamp. */
  limit: number | null
}

/**
 * A number is scaled by the mean and deviation of the sample. A column that is constant in the sample gets the size of
 * its mean (at least 1) for a deviation, so that it does not explode when it first moves.
 */
export function numberColumn(
  kind: 'number' | 'boolean',
  name: string,
  statistics: ColumnStatistics,
  options: InferenceOptions,
): NumberColumn {
  const scaling = scalingOf(statistics, options)
  return { kind, name, ...scaling, indicator: statistics.missing > 0, limit: options.limit }
}

/**
 * Each part of a date is a number, scaled by its own statistics.
 *
 * Throws NOT_DATES where too few values of the sample are dates.
 */
export function dateColumn(name: string, profile: ValueProfile, options: InferenceOptions): DateColumn {
  const { parts, odd } = profile
  if (odd !== undefined && !looksNumeric(parts[0]!)) {
    throw runError(
      'NOT_DATES',
      `expected dates (ISO 8601, or seconds or milliseconds since 1970), found ${JSON.stringify(odd)} and others`,
      `leave ${JSON.stringify(name)} out of --dates, or write its dates as 2001-01-31`,
      { column: name },
    )
  }
  const scalings = parts.map((statistics) => scalingOf(statistics, options))
  return { kind: 'date', name, parts: scalings, indicator: parts[0]!.missing > 0, limit: options.limit }
}

function scalingOf({ mean, deviation }: ColumnStatistics, { standardize }: InferenceOptions): Scaling {
  if (!standardize) return { mean: 0, scale: 1, fill: mean }
  return { mean, scale: deviationOr(mean, deviation), fill: 0 }
}

function deviationOr(mean: number, deviation: number): number {
  // A deviation of rounding errors only is none.
  return deviation > 1e-12 * Math.abs(mean) && deviation > 0 ? deviation : Math.max(Math.abs(mean), 1)
}

/**
 * The vocabulary of a column starts with what its sample holds (values met `minCount` times; the most frequent ones,
 * where they are too many), and grows in the first pass. Other values share 2^hashBits buckets, or, where that is not
 * given, about four for every value left out and every value that the sample holds once: the number of the latter is an
 * estimate of how many are still to come (I. J. Good, "The population frequencies of species", 1953).
 */
export function categoryColumn(name: string, counts: ValueCounts, options: InferenceOptions): CategoryColumn {
  const { hashBits, maxCategories } = options
  const values = firstVocabulary(counts, options)
  let once = 0
  for (const count of counts.values()) if (count === 1) once++
  const left = counts.size - values.length
  return {
    kind: 'category',
    name,
    values,
    buckets: hashesAll(options)
      ? 0
      : hashBits === undefined
        ? bucketsFor(Math.max(once, left))
        : 2 ** hashBits,
    room: roomToGrow(counts, values.length, maxCategories),
  }
}

/** How many values may be added to a vocabulary of `size` values. */
export function roomToGrow(counts: ValueCounts, size: number, maxCategories: number): number {
  return estimatedValues(counts) > VALUES_A_PLACE * maxCategories ? 0 : Math.max(0, maxCategories - size)
}

/** Whether no value has a weight of its own: all columns then share the buckets, as those of Vowpal Wabbit and FeatureHasher do. */
export function hashesAll({ hashBits, maxCategories }: InferenceOptions): boolean {
  return hashBits !== undefined && maxCategories === 0
}

/** The values met `minCount` times, the most frequent `maxCategories` of them, sorted by code unit. */
function firstVocabulary(counts: ValueCounts, { maxCategories, minCount }: InferenceOptions): string[] {
  if (maxCategories === 0) return []
  const frequent = [...counts].filter(([, count]) => count >= minCount)
  if (frequent.length > maxCategories) frequent.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return frequent
    .slice(0, maxCategories)
    .map(([value]) => value)
    .sort()
}

/**
 * A lower bound for the number of different values that the data holds, by the numbers f1 and f2 of those that the
 * sample holds once and twice: seen + f1·(f1 − 1) / (2·(f2 + 1)).
 *
 * Where even that is a multiple of the places, as for a column of row numbers, the first values to come would take them
 * all and few would be met again: such a column is hashed from the start.
 * Source: A. Chao, "Nonparametric estimation of the number of classes in a population", 1984, corrected for bias.
 */
function estimatedValues(counts: ValueCounts): number {
  let once = 0
  let twice = 0
  for (const count of counts.values()) {
    if (count === 1) once++
    else if (count === 2) twice++
  }
  return counts.size + (once * (once - 1)) / (2 * (twice + 1))
}

function bucketsFor(valuesToCome: number): number {
  let buckets = FEWEST_BUCKETS
  while (buckets < valuesToCome * 4 && buckets < MOST_BUCKETS) buckets *= 2
  return buckets
}

/** What the target is: by the loss where one is given, else by its values. */
export function targetColumn(
  name: string,
  statistics: ColumnStatistics,
  counts: ValueCounts,
  mark: DecimalMark,
  options: InferenceOptions,
): TargetColumn {
  const { targetKind: given, targetRange = 'any' } = options.loss === undefined ? {} : lossFacts(options.loss)
  if (given === undefined || given === 'number') {
    if (!looksNumeric(statistics))
      refuseSeparators(name, counts, mark, '--loss softmax reads them as classes')
  }
  const kind = given ?? likelyKind(statistics, counts)
  if (kind === 'number') {
    if (!looksNumeric(statistics)) {
      throw usageError(
        'TARGET_NOT_A_NUMBER',
        `the target ${JSON.stringify(name)} is not a number: ${statistics.texts} of ${statistics.texts + statistics.numbers} sampled values are texts`,
        'use --loss logistic or softmax for classes, or name another target',
      )
    }
    if (targetRange !== 'any') return { kind, name, ...logScaling(statistics), range: targetRange }
    if (!options.standardize) return { kind, name, mean: 0, scale: 1 }
    return { kind, name, mean: statistics.mean, scale: deviationOr(statistics.mean, statistics.deviation) }
  }
  return { kind, name, classes: booleanClasses(counts) ?? sortedClasses(name, kind, counts) }
}

function likelyKind(statistics: ColumnStatistics, counts: ValueCounts): TargetColumn['kind'] {
  if (counts.size === 2 || booleanClasses(counts) !== undefined) return 'binary'
  return looksNumeric(statistics) ? 'number' : 'classes'
}

/**
 * A target whose logarithm is predicted is divided by its mean in the sample, with or without standardisation: a model whose
 * weights are all 0 then predicts that mean, from where the first steps neither explode nor creep.
 */
function logScaling({ mean }: ColumnStatistics): { mean: number; scale: number } {
  return { mean: 0, scale: mean > 0 ? mean : 1 }
}

function sortedClasses(name: string, kind: 'binary' | 'classes', counts: ValueCounts): string[] {
  const classes = [...counts.keys()]
  if (classes.length < 2 || (kind === 'binary' && classes.length !== 2)) {
    throw runError(
      'WRONG_NUMBER_OF_CLASSES',
      `the target ${JSON.stringify(name)} has ${classes.length} classes in the sample, expected ${kind === 'binary' ? '2' : 'at least 2'}`,
      kind === 'binary'
        ? 'use --loss softmax for several classes, squared for numbers'
        : 'name another target; a stream that is sorted by it shows one class first: shuffle it, or give a file',
      { column: name },
    )
  }
  if (classes.length > MOST_CLASSES) {
    throw runError(
      'TOO_MANY_CLASSES',
      `the target ${JSON.stringify(name)} has ${classes.length} different texts in the sample, expected at most ${MOST_CLASSES}`,
      'is it the right column? Classes are few; a number that is written as text needs --na for its missing values',
      { column: name },
    )
  }
  const numeric = classes.every((value) => Number.isFinite(Number(value)))
  return classes.sort(numeric ? (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1) : undefined)
}
