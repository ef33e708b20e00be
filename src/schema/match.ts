import { runError, shown, type MillraceError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import type { ColumnPlaces } from './program.js'
import { isDense, type ColumnSchema, type Dialect, type Schema } from './schema.js'

/** What of a row is read: features only, or target and weight too. */
export type Wanted = 'features' | 'all'

/** A CSV seen through the schema of a model. */
export interface MatchedColumns {
  readonly places: ColumnPlaces
  /** Names of the CSV's columns, as messages and --keep use them. */
  readonly names: readonly string[]
  /** Its columns in its own order; those that the model does not know, or that are not read, are ignored. */
  readonly schema: Schema
}

/**
 * Finds the columns of a model in a CSV: by name where both have a header, in any order and among any others, else by
 * position.
 *
 * Throws MISSING_COLUMN for a column that is not there, with the nearest name that is.
 */
export function matchColumns(
  model: Schema,
  dialect: Dialect,
  given: readonly string[],
  wanted: Wanted,
  file: string,
): MatchedColumns {
  const byName = model.dialect.header && dialect.header
  const names = given.map((name, i) => (byName || dialect.header ? name : (model.columns[i]?.name ?? name)))
  const columns: ColumnSchema[] = names.map((name) => ({ kind: 'ignored', name }))
  const of = model.columns.map((column, i) => {
    if (!isRead(column, wanted)) return undefined
    const place = byName ? given.indexOf(column.name) : i
    if (place < 0) throw missingByName(column, given, file)
    if (place >= given.length) throw missingByPosition(column, i, model, given.length, file)
    columns[place] = { ...column, name: names[place]! }
    return place
  })
  const { interactions, target } = model
  return { names, places: { columns: given.length, of }, schema: { dialect, columns, interactions, target } }
}

function isRead(column: ColumnSchema, wanted: Wanted): boolean {
  return isDense(column) || column.kind === 'category' || (wanted === 'all' && column.kind !== 'ignored')
}

function roleOf({ kind }: ColumnSchema): string {
  return kind === 'target' || kind === 'weight' ? `the ${kind}` : 'a feature'
}

function missingByName(column: ColumnSchema, names: readonly string[], file: string): MillraceError {
  const message = `there is no column ${shown(column.name)}, ${roleOf(column)} of the model`
  return runError('MISSING_COLUMN', message, didYouMean(column.name, names), { file, line: 1 })
}

function missingByPosition(
  column: ColumnSchema,
  i: number,
  model: Schema,
  columns: number,
  file: string,
): MillraceError {
  const expected = `expected column ${i + 1}, ${JSON.stringify(column.name)}, ${roleOf(column)} of the model`
  const hint = `without a header columns are told by position: keep all ${model.columns.length}, with an empty target where it is not known`
  return runError('MISSING_COLUMN', `${expected}, found ${columns} columns`, hint, { file, line: 1 })
}
