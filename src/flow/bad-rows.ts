import { BadReason } from '../../workers/layout.js'
import type { BadRecord } from '../engine/slots.js'
import { runError, type MillraceError } from '../errors.js'
import type { Schema } from '../schema/schema.js'

/** A bad record, its text, and where it is. */
export interface FoundBadRow {
  bad: BadRecord
  file: string
  /** Of the record, from 1. */
  line: number
  /** Of the record in the file. */
  byte: number
  /** Bytes of the record. */
  record: Uint8Array
  /** Names of the columns in the order of the record. */
  names: readonly string[]
}

const LONGEST_QUOTED_TEXT = 60

/** The message for a bad row: what was expected, what was found, where, and what to do. */
export function badRowError(found: FoundBadRow, schema: Schema, schemaIsFixed = false): MillraceError {
  const { bad, file, line, byte, record } = found
  const name = found.names[bad.column]
  const fieldStart = bad.field - bad.record
  const text = Buffer.from(record.subarray(fieldStart, fieldStart + bad.fieldLength)).toString('utf8')
  const { code, expected, hint, lineBreaks } = explain(found, schema, name ?? '', shown(text), schemaIsFixed)
  const place = {
    file,
    // A record may span lines: the message names the line on which the field itself starts.
    line: line + (lineBreaks ? countLineFeeds(record.subarray(0, fieldStart)) : 0),
    byte: byte + fieldStart,
    ...(name === undefined ? {} : { column: name }),
  }
  return runError(code, expected, hint, place)
}

function explain(
  { bad, names }: FoundBadRow,
  schema: Schema,
  column: string,
  text: string,
  schemaIsFixed: boolean,
) {
  const fields = names.length
  const skip = '--on-bad-row skip leaves such rows out'
  const lineBreaks = true
  switch (bad.reason as BadReason) {
    case BadReason.TooFewFields:
    case BadReason.TooManyFields:
      return {
        code: 'RAGGED_ROW',
        expected: `expected ${fields} fields, found ${bad.fields}`,
        hint: `is a delimiter missing or unquoted? ${skip}`,
        lineBreaks: false,
      }
    case BadReason.NotANumber:
      return {
        code: 'NOT_A_NUMBER',
        expected: `expected a number, found ${text}`,
        hint: schemaIsFixed
          ? `the model has learned this column as numbers; ${skip}`
          : `--na ${quoteForShell(text)} reads it as missing, --categorical ${quoteForShell(column)} reads the column as categories, ${skip}`,
        lineBreaks,
      }
    case BadReason.MissingLabel:
      return {
        code: 'MISSING_TARGET',
        expected: `expected a value of the target, found ${text === '""' ? 'an empty field' : text}`,
        hint: `a row without its target ${schemaIsFixed ? 'cannot be scored' : 'teaches nothing'}: ${skip}`,
        lineBreaks,
      }
    case BadReason.UnknownClass:
      return {
        code: 'UNKNOWN_CLASS',
        expected: `expected one of the classes ${classList(schema)}, found ${text}`,
        hint: `the classes are those ${schemaIsFixed ? 'that the model has learned' : 'of the sample'}; ${skip}`,
        lineBreaks,
      }
    case BadReason.BadWeight:
      return {
        code: 'BAD_WEIGHT',
        expected: `expected a weight, a number of at least 0, found ${text}`,
        hint: skip,
        lineBreaks,
      }
    case BadReason.UnterminatedQuote:
      return {
        code: 'UNTERMINATED_QUOTE',
        expected: `expected a closing quote, found the end of the data: the field starts with ${text}`,
        hint: 'close the quote, double it if it is meant as text, or use --quote "" if quotes are plain text in this file',
        lineBreaks,
      }
    case BadReason.TextAfterQuote:
      return {
        code: 'TEXT_AFTER_QUOTE',
        expected: `expected a delimiter or a line break after the closing quote, found more text: ${text}`,
        hint: `a quote inside quotes must be doubled; ${skip}`,
        lineBreaks,
      }
    case BadReason.OutOfRange:
      return {
        code: 'OUT_OF_RANGE',
        expected: `expected a number that fits into 32 bits once it is standardised, found ${text}`,
        hint: `is it a marker for "missing"? ${schemaIsFixed ? '' : `--na ${quoteForShell(text)} reads it so; `}${skip}`,
        lineBreaks,
      }
    case BadReason.InvalidUtf8:
      return {
        code: 'INVALID_UTF8',
        expected: 'expected UTF-8, found bytes that are not',
        hint: `is the file in another encoding? --encoding latin1 reads it so; ${skip}`,
        lineBreaks,
      }
    case BadReason.NotABoolean:
      return {
        code: 'NOT_A_BOOLEAN',
        expected: `expected true or false (yes, no, t, f), found ${text}`,
        hint: schemaIsFixed
          ? `the model has learned this column as true or false; ${skip}`
          : `--na ${quoteForShell(text)} reads it as missing, --categorical ${quoteForShell(column)} reads the column as categories, ${skip}`,
        lineBreaks,
      }
    case BadReason.NotADate:
      return {
        code: 'NOT_A_DATE',
        expected: `expected a date (ISO 8601, or seconds or milliseconds since 1970), found ${text}`,
        hint: schemaIsFixed ? skip : `--na ${quoteForShell(text)} reads it as missing, ${skip}`,
        lineBreaks,
      }
    case BadReason.Count:
      throw new Error('not a reason')
  }
}

function classList(schema: Schema): string {
  const classes = schema.target.kind === 'number' ? [] : schema.target.classes
  const shownClasses = classes.slice(0, 8).map((name) => JSON.stringify(name))
  return shownClasses.join(', ') + (classes.length > 8 ? ', …' : '')
}

/** As JSON, so that control characters are escaped and the end of the text is seen. */
function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTED_TEXT ? `${text.slice(0, LONGEST_QUOTED_TEXT)}…` : text)
}

function quoteForShell(text: string): string {
  return /^"?[\w.-]+"?$/.test(text) ? text.replaceAll('"', '') : `'${text.replace(/^"|"$/g, '')}'`
}

export function countLineFeeds(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}
