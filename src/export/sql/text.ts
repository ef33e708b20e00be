import { shown, usageError } from '../../errors.js'

/** Deeper expressions are refused by SQLite (1,000 levels), so that sums are taken in groups. */
const LARGEST_GROUP = 100

/** Below it PostgreSQL's numbers vanish, which is an error there. */
const SMALLEST = 1e-280

/** A column, a table: any text but one with a U+0000. */
export function identifier(name: string): string {
  return `"${withoutZero(name).replaceAll('"', '""')}"`
}

/** A text as a value. */
export function literal(text: string): string {
  return `'${withoutZero(text).replaceAll("'", "''")}'`
}

function withoutZero(text: string): string {
  if (!/\0|\p{Surrogate}/u.test(text)) return text
  throw usageError(
    'EXPORT_NOT_POSSIBLE',
    `format: ${shown(text)} has a character that SQL cannot hold`,
    'export as onnx, js or json',
    { option: 'format' },
  )
}

/** A number with nine digits, more than the weights hold; never an integer, which databases divide as such. */
export function number(value: number): string {
  const size = Math.abs(value) < SMALLEST ? 0 : Math.abs(value)
  const digits = String(Math.fround(size) === size ? shortest(size) : Number(size.toPrecision(9)))
  const text = /[.e]/.test(digits) ? digits : `${digits}.0`
  return value < 0 && size > 0 ? `-${text}` : text
}

/** The same with all its digits. */
export function exactNumber(value: number): string {
  const text = String(Math.abs(value))
  const decimal = /[.e]/.test(text) ? text : `${text}.0`
  return value < 0 ? `-${decimal}` : decimal
}

function shortest(size: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(size.toPrecision(digits))
    if (Math.fround(decimal) === size) return decimal
  }
  return Number(size.toPrecision(9))
}

/** The sum of terms, each on its line. */
export function sum(terms: readonly string[], indent: string): string {
  if (terms.length <= LARGEST_GROUP) return terms.join(`\n${indent}+ `)
  const groups: string[] = []
  for (let from = 0; from < terms.length; from += LARGEST_GROUP) {
    groups.push(`(${sum(terms.slice(from, from + LARGEST_GROUP), indent)})`)
  }
  return sum(groups, indent)
}
