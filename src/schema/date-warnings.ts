import { parseDate } from './dates.js'
import type { Schema } from './schema.js'

/** Values of a vocabulary that are looked at. */
const MOST_LOOKED_AT = 100

/** Whether the values of a category are all dates. Numbers may be anything; as dates they would not be categories. */
export function looksLikeDates(values: Iterable<string>): boolean {
  let looked = 0
  for (const text of values) {
    if (parseDate(text, NaN) === undefined) return false
    if (++looked === MOST_LOOKED_AT) break
  }
  return looked > 1
}

/** A message for every column that is read as categories, though nobody asked for that and its values are all dates. */
export function dateWarnings({ columns }: Schema, categorical: readonly string[]): string[] {
  return columns.flatMap((column) => {
    if (column.kind !== 'category' || categorical.includes(column.name)) return []
    if (!looksLikeDates(column.values)) return []
    const name = JSON.stringify(column.name)
    return [
      `column ${name} looks like dates, of which categories learn little: --dates makes features of them`,
    ]
  })
}
