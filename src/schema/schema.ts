/** What the columns of a CSV are, how each is encoded, and the statistics and vocabularies fitted on the sample. */

/** How records and fields are cut from bytes. Each is one ASCII character. */
export interface Dialect {
  delimiter: string
  /** Undefined: no quoting. */
  quote: string | undefined
  /** A record that starts with it is passed over. */
  comment: string | undefined
  header: boolean
  /** Fields that mean "missing", besides the empty one. */
  missingTokens: readonly string[]
}

/** A column that is not used. */
export interface IgnoredColumn {
  kind: 'ignored'
  name: string
}

/** A dense feature: (value − mean) / scale, clamped to ±limit; a missing value is encoded as `fill`. */
export interface NumberColumn {
  kind: 'number'
  name: string
  mean: number
  scale: number
  /** Encoded value of a missing number. */
  fill: number
  /** Where the sample had missing values: a second feature that is 1 where the value is missing, else 0. */
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
}

/** The number to predict; standardised as (value − mean) / scale while training. */
export interface NumberTarget {
  kind: 'number'
  name: string
  mean: number
  scale: number
}

/** The class to predict; two classes for `binary` (the second is the positive one), more for `classes`. */
export interface ClassTarget {
  kind: 'binary' | 'classes'
  name: string
  /** Sorted: as numbers where all are numbers, else by code unit. */
  classes: readonly string[]
}

/** The weight of a row, a number ≥ 0. */
export interface WeightColumn {
  kind: 'weight'
  name: string
}

export type FeatureColumn = NumberColumn | CategoryColumn
export type TargetColumn = NumberTarget | ClassTarget

/** The part of one CSV column; `target` says which one is the target. */
export type ColumnSchema = IgnoredColumn | FeatureColumn | WeightColumn | { kind: 'target'; name: string }

export interface Schema {
  dialect: Dialect
  /** Every column of the CSV, in file order. */
  columns: readonly ColumnSchema[]
  target: TargetColumn
}

/** Number of category indices a column takes up: vocabulary, buckets, missing. */
export function categoryCount(column: CategoryColumn): number {
  return column.values.length + column.buckets + 1
}

/** Names of the features in the order of the parameters: dense features first (a number, then its indicator), then categories. */
export function featureColumns(schema: Schema): { numbers: NumberColumn[]; categories: CategoryColumn[] } {
  return {
    numbers: schema.columns.filter((column) => column.kind === 'number'),
    categories: schema.columns.filter((column) => column.kind === 'category'),
  }
}
