/** What the columns of a CSV are, how each is encoded, and the statistics and vocabularies fitted on the sample. */

import { datePartNames } from './dates.js'

/** What may stand before the fraction of a number; the other one is then no part of a number. */
export type DecimalMark = '.' | ','

/** How records and fields are cut from bytes, and numbers written. Each is one ASCII character. */
export interface Dialect {
  delimiter: string
  /** Undefined: no quoting. */
  quote: string | undefined
  /** A record that starts with it is passed over. */
  comment: string | undefined
  /** What stands before the fraction of a number. */
  decimal: DecimalMark
  header: boolean
  /** Fields that mean "missing", besides the empty one. */
  missingTokens: readonly string[]
}

/** A column that is not used. */
export interface IgnoredColumn {
  kind: 'ignored'
  name: string
}

/** How a number becomes a dense feature: (value − mean) / scale. */
export interface Scaling {
  mean: number
  scale: number
  /** Encoded value of a missing number. */
  fill: number
}

/** One dense feature; a boolean is the number 1 or 0. */
export interface NumberColumn extends Scaling {
  kind: 'number' | 'boolean'
  name: string
  /** Where the sample had missing values: a second feature that is 1 where the value is missing, else 0. */
  indicator: boolean
  /** Encoded values are clamped to ±limit; null for no clamp. */
  limit: number | null
}

/** A dense feature for each part of a date. */
export interface DateColumn {
  kind: 'date'
  name: string
  /** In the order of datePartNames. */
  parts: readonly Scaling[]
  /** Where the sample had missing values: one more feature, 1 where the date is missing, else 0. */
  indicator: boolean
  /** Encoded values are clamped to ±limit; null for no clamp. */
  limit: number | null
}

/** One index a value of the vocabulary, then hashed buckets for the others, then one for "missing". */
export interface CategoryColumn {
  kind: 'category'
  name: string
  /** Sorted by code unit. */
  values: readonly string[]
  /** A power of two, or 0 for none: then an unknown value counts as missing. */
  buckets: number
  /** Values that may be added in the first pass of a training run; the vocabulary of a model is whole. Default: 0. */
  room?: number
  /** Rows that a model was trained on in its first epoch: of each value, in their order. Models from before they were counted have none. */
  counts?: readonly number[]
  /** The same, of all values that are in no vocabulary; not known where slots share their buckets. */
  others?: number
  /** The same, of no value. */
  missing?: number
}

/** Names of two columns. */
export type ColumnPair = readonly [string, string]

/**
 * A category made of two columns. Two categories: its values are pairs, written as pairValue does. A category and a number:
 * its values are those of the category, and the number multiplies their weights, which are slopes.
 */
export interface InteractionColumn extends Omit<CategoryColumn, 'kind'> {
  kind: 'interaction'
  /** As it is written: interactionName of the columns. */
  name: string
  columns: ColumnPair
}

/** What has a category index in every row. */
export type CategorySlot = CategoryColumn | InteractionColumn

/** The number to predict; standardised as (value − mean) / scale while training. */
export interface NumberTarget {
  kind: 'number'
  name: string
  /** 0 where the target has a range: its logarithm is predicted. */
  mean: number
  /** The deviation; where the target has a range, its mean. */
  scale: number
  /** Where the loss is not defined for all numbers. */
  range?: 'not negative' | 'positive'
}

/** The class to predict; two classes for `binary` (the second is the positive one), more for `classes`. */
export interface ClassTarget {
  kind: 'binary' | 'classes'
  name: string
  /**
   * Sorted: as numbers where all are numbers, else by code unit. A word for no and one for yes (booleans.ts), in this
   * order, stand for all such words in any case.
   */
  classes: readonly string[]
}

/** The weight of a row, a number ≥ 0. */
export interface WeightColumn {
  kind: 'weight'
  name: string
}

/** Columns that make dense features. */
export type DenseColumn = NumberColumn | DateColumn
/** Columns that a model learns from. */
export type FeatureColumn = DenseColumn | CategoryColumn
/** What is predicted. */
export type TargetColumn = NumberTarget | ClassTarget

/** The part of one CSV column; `target` says which one is the target. */
export type ColumnSchema = IgnoredColumn | FeatureColumn | WeightColumn | { kind: 'target'; name: string }

/** All that turns the text of a row into numbers, and a score into a prediction. */
export interface Schema {
  dialect: Dialect
  /** Every column of the CSV, in file order. */
  columns: readonly ColumnSchema[]
  /** Those of two categories come before those of a category and a number. */
  interactions: readonly InteractionColumn[]
  /**
   * A power of two: buckets for the values of all category slots that are in no vocabulary, in front of the indices of the
   * slots, which have none of their own then. Default: 0, every slot has its own.
   */
  sharedBuckets?: number
  target: TargetColumn
}

/** Number of category indices over all slots, shared buckets included. */
export function categoryIndices(schema: Schema): number {
  const { sharedBuckets = 0 } = schema
  return featureColumns(schema).categories.reduce((sum, slot) => sum + categoryCount(slot), sharedBuckets)
}

/** Whether some category slot has values with names, or may get them. */
export function hasVocabularies(schema: Schema): boolean {
  return featureColumns(schema).categories.some(({ values, room = 0 }) => values.length + room > 0)
}

/** Number of category indices a slot has for itself: vocabulary, buckets, missing. */
export function categoryCount(column: CategorySlot): number {
  return column.values.length + column.buckets + 1
}

/** Units of the target in one unit of the encoded label. */
export function targetScale(target: TargetColumn): number {
  return target.kind === 'number' ? target.scale : 1
}

/** Whether a column is read as one number. */
export function isNumber(column: ColumnSchema): column is NumberColumn {
  return column.kind === 'number' || column.kind === 'boolean'
}

/** Whether a column makes dense features. */
export function isDense(column: ColumnSchema): column is DenseColumn {
  return isNumber(column) || column.kind === 'date'
}

/** The features in the order of the parameters: dense features first (numbers, then their indicator), then categories and interactions. */
export function featureColumns(schema: Schema): { numbers: DenseColumn[]; categories: CategorySlot[] } {
  const categories = schema.columns.filter((column) => column.kind === 'category')
  return {
    numbers: schema.columns.filter(isDense),
    categories: [...categories, ...schema.interactions],
  }
}

/** One dense feature, a word of the encoded row. */
export interface DenseFeature {
  readonly column: string
  /** Of a date: which of its numbers. */
  readonly part: (typeof datePartNames)[number] | undefined
  /** Undefined: the feature is 1 where the column's value is missing, else 0. */
  readonly scaling: Scaling | undefined
}

/** The dense features of all columns, in the order of the parameters. */
export function denseFeatures(schema: Schema): DenseFeature[] {
  return featureColumns(schema).numbers.flatMap((column) => {
    const features: DenseFeature[] = isNumber(column)
      ? [{ column: column.name, part: undefined, scaling: column }]
      : column.parts.map((scaling, i) => ({ column: column.name, part: datePartNames[i], scaling }))
    if (column.indicator) features.push({ column: column.name, part: undefined, scaling: undefined })
    return features
  })
}
