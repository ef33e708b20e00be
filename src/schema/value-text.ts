import { runError, type MillraceError } from '../errors.js'

/** A row; its keys are the columns. */
export type RowObject = Readonly<Record<string, unknown>>

/**
 * A value of a row object → the text of its field, empty where it is missing: null, undefined, NaN, a date that is none.
 *
 * A date is ISO 8601; bytes are text as they are; other objects are JSON.
 *
 * @throws MillraceError naming the column and the row where it is a function or a symbol, or has no JSON.
 */
export function valueText(value: unknown, column: string, row: number | undefined): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'undefined':
      return ''
    case 'number':
      return Number.isNaN(value) ? '' : String(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? '' : objectText(value, column, row)
    default:
      throw noText(typeof value, column, row)
  }
}

function objectText(value: object, column: string, row: number | undefined): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  if (value instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
  } catch (cause) {
    throw noText((cause as Error).message, column, row, cause)
  }
}

/** `row 3`, or `the row` where it is alone. */
export function rowName(row: number | undefined): string {
  return row === undefined ? 'the row' : `row ${row}`
}

/** Throws where a row is no object with columns for keys. */
export function checkRow(row: unknown, number: number | undefined): asserts row is RowObject {
  if (typeof row === 'object' && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row)) return
  const what =
    row === null
      ? 'null'
      : Array.isArray(row)
        ? 'an array'
        : ArrayBuffer.isView(row)
          ? 'bytes'
          : `a ${typeof row}`
  throw runError('NOT_A_ROW', `${rowName(number)} is ${what}`, 'give rows as objects: { column: value, … }')
}

function noText(what: string, column: string, row: number | undefined, cause?: unknown): MillraceError {
  return runError(
    'NOT_A_VALUE',
    `${rowName(row)} has a value that cannot be written as text: ${what}`,
    'give numbers, texts, booleans, dates or null',
    { column },
    cause,
  )
}
