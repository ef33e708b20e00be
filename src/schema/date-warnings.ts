import { parseDate } from './dates.js'
import type { Schema } from './schema.js'

/** Values of a vocabulary that are looked at. */
const MOST_LOOKED_AT = 100

/** A message for every column that is read as categories, though nobody asked for that and its values are all dates. */
export function dateWarnings({ columns }: Schema, categorical: readonly string[]): string[] {
  return columns.flatMap((column) => {
    if (column.kind !== 'category' || categorical.includes(column.name)) return []
    const looked = column.values.slice(0, MOST_LOOKED_AT)
    // Numbers may be anything; as dates they would not be categories.
    if (looked.length < 2 || !looked.every((text) => parseDate(text, NaN) !== undefined)) return []
    const name = JSON.stringify(column.name)
    return [
      `column ${name} looks like dates, of which categories learn little: --dates makes features of them`,
    ]
  })
}
