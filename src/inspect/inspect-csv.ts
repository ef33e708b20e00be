import { SharedMemory } from '../engine/memory.js'
import { compileKernel } from '../engine/pool.js'
import type { GivenDialect } from '../flow/heads.js'
import { openInput } from '../flow/open-input.js'
import type { OpenInput } from '../flow/row-flow.js'
import type { EncodingName } from '../options.js'
import { parseBoolean } from '../schema/booleans.js'
import { looksLikeDates } from '../schema/date-warnings.js'
import { columnKind, looksBoolean, looksNumeric, needsCounts } from '../schema/kinds.js'
import { decimal } from '../schema/decimal.js'
import { countValues, profileColumns, type ColumnStatistics, type ValueCounts } from '../schema/sample.js'
import type { ColumnSchema, Dialect, DecimalMark } from '../schema/schema.js'
import { hasSeparators } from '../schema/separators.js'
import { openSource } from '../source/open-source.js'

/** What the columns of a CSV are taken for, by the sample that training would take; plain data. */
export interface CsvInspection {
  readonly kind: 'csv'
  readonly file: string
  readonly dialect: Dialect
  /** Of the rows, where the size is known. */
  readonly bytes: number | undefined
  /** By the mean length of the first records, where the size is known. */
  readonly estimatedRows: number | undefined
  readonly sampledRows: number
  readonly columns: readonly CsvColumn[]
}

/** A column as a feature; any column may be the target instead. */
export type CsvColumn = (NumberStatistics | BooleanStatistics | CategoryStatistics | { kind: 'empty' }) & {
  readonly name: string
  /** Share of the sampled rows without a value, 0 … 1. */
  readonly missing: number
}

/** Of a column of numbers, in the sample. */
export interface NumberStatistics {
  readonly kind: 'number'
  readonly mean: number
  /** Standard deviation. */
  readonly deviation: number
  readonly minimum: number
  readonly maximum: number
  /** Values that are no numbers: bad rows, unless they are named as missing. */
  readonly texts: number
}

/** Of a column of truths, in the sample. */
export interface BooleanStatistics {
  readonly kind: 'boolean'
  /** Share of true, yes, t and 1, 0 … 1. */
  readonly share: number
}

/** Of a column of texts, in the sample. */
export interface CategoryStatistics {
  readonly kind: 'category'
  /** Distinct values in the sample. */
  readonly values: number
  /** The most frequent ones, at most 5. */
  readonly frequent: readonly string[]
  /** Dates, of which --dates makes features; or numbers that training refuses for their separators. */
  readonly looksLike?: 'dates' | 'numbers with separators'
}

const MOST_SHOWN = 5

/** Reads the header and the sample of a CSV file, of files that a glob names, or of standard input (`-`). */
export async function inspectCsv(
  file: string,
  dialect: GivenDialect,
  encoding: EncodingName | undefined,
): Promise<CsvInspection> {
  const memory = new SharedMemory(compileKernel())
  const source = await openSource([file], { encoding, stopped: new AbortController().signal })
  const input = await openInput(source, { memory, dialect, options: reading })
  try {
    return describe(file, memory, input)
  } finally {
    input.close()
  }
}

const reading = {
  shuffle: true,
  seed: 0,
  lanes: undefined,
  blockBytes: undefined,
  memory: 0,
  shuffleBuffer: 0,
  onBadRow: 'fail',
} as const

function describe(file: string, memory: SharedMemory, input: OpenInput): CsvInspection {
  const { names, context, sample, dialect, bytes, estimatedRows } = input
  const { records, columns } = profileColumns(memory, context, sample, names.length)
  const kinds = columns.map((statistics) => columnKind('feature', statistics, true))
  const counted = kinds.flatMap((kind, i) => (needsCounts(kind, columns[i]!) ? [i] : []))
  const tokens = new Set(dialect.missingTokens)
  const counts = countValues(memory, context, sample, names.length, counted, tokens)
  return {
    kind: 'csv',
    file,
    dialect,
    bytes,
    estimatedRows: estimatedRows === undefined ? undefined : Math.round(estimatedRows),
    sampledRows: records,
    columns: names.map((name, i) => ({
      name,
      missing: columns[i]!.missing / records,
      ...statisticsOf(columns[i]!, counts.get(i), kinds[i]!, dialect.decimal),
    })),
  }
}

function statisticsOf(
  statistics: ColumnStatistics,
  counts: ValueCounts | undefined,
  kind: ColumnSchema['kind'],
  mark: DecimalMark,
): NumberStatistics | BooleanStatistics | CategoryStatistics | { kind: 'empty' } {
  const { mean, deviation, minimum, maximum, texts } = statistics
  if (looksBoolean('feature', statistics, counts, mark))
    return { kind: 'boolean', share: shareOfTrue(counts!, mark) }
  if (kind === 'number') return { kind, mean, deviation, minimum, maximum, texts }
  if (counts === undefined) return { kind: 'empty' }
  const byFrequency = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return {
    kind: 'category',
    values: counts.size,
    frequent: byFrequency.slice(0, MOST_SHOWN).map(([value]) => value),
    ...(looksLikeDates(counts.keys()) ? { looksLike: 'dates' } : {}),
    ...(hasSeparators(counts, mark) && !looksNumeric(statistics)
      ? { looksLike: 'numbers with separators' }
      : {}),
  }
}

function shareOfTrue(counts: ValueCounts, mark: DecimalMark): number {
  let [trues, all] = [0, 0]
  for (const [text, count] of counts) {
    all += count
    if (parseBoolean(text, decimal(text, mark)) === 1) trues += count
  }
  return trues / all
}
