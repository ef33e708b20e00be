import { BadReason } from '../../workers/layout.js'
import { badRowCodes, type BadRowCode } from '../bad-row-codes.js'
import type { BadRecord } from '../engine/slots.js'
import { runError, type MillraceError, type Place } from '../errors.js'
import type { Dialect, Schema } from '../schema/schema.js'
import { separatorHint } from '../schema/separators.js'
import { countLineFeeds } from '../source/line-index.js'

/** A bad record, its text, and where it is. */
export interface FoundBadRow {
  bad: BadRecord
  file: string
  /** Of the record, from 1. */
  line: () => number
  /** Of the record in the file. */
  byte: number
  /** Bytes of the record. */
  record: Uint8Array
  /** Names of the columns in the order of the record. */
  names: readonly string[]
}

const LONGEST_QUOTED_TEXT = 60

/** The code of its error. */
export function badRowCode({ bad }: FoundBadRow): BadRowCode {
  return badRowCodes[bad.reason as keyof typeof badRowCodes]
}

/** Where the field at fault starts; where one is lacking, the record ends there. Lines are counted where they are `wanted`. */
export function badRowPlace({ bad, file, line, byte, record, names }: FoundBadRow, wanted = true): Place {
  const name = names[bad.column]
  const fieldStart = bad.field - bad.record
  const ragged = bad.reason === BadReason.TooFewFields || bad.reason === BadReason.TooManyFields
  return {
    file,
    // A record may span lines: the place is the line on which the field itself starts.
    ...(wanted ? { line: line() + (ragged ? 0 : countLineFeeds(record.subarray(0, fieldStart))) } : {}),
    byte: byte + fieldStart,
    ...(name === undefined ? {} : { column: name }),
  }
}

/** The message for a bad row: what was expected, what was found, where, and what to do. */
export function badRowError(
  found: FoundBadRow,
  schema: Schema,
  schemaIsFixed = false,
  lineIsWanted = true,
): MillraceError {
  const { expected, hint } = explain(found, schema, schemaIsFixed)
  return runError(badRowCode(found), expected, hint, badRowPlace(found, lineIsWanted))
}

function explain({ bad, names, record }: FoundBadRow, schema: Schema, schemaIsFixed: boolean) {
  const fields = names.length
  const column = names[bad.column] ?? ''
  const fieldStart = bad.field - bad.record
  const field = Buffer.from(record.subarray(fieldStart, fieldStart + bad.fieldLength)).toString('utf8')
  const text = shown(field)
  const skip = '--on-bad-row skip leaves such rows out'
  switch (bad.reason as BadReason) {
    case BadReason.TooFewFields:
    case BadReason.TooManyFields:
      return {
        expected: `expected ${fields} fields, found ${bad.fields}`,
        hint: `is a delimiter missing or unquoted? ${skip}`,
      }
    case BadReason.NotANumber: {
      const separators = separatorHint(withoutQuotes(field, schema.dialect), schema.dialect.decimal)
      const learned = schemaIsFixed && `the model has learned this column as numbers; ${skip}`
      return {
        expected: `expected a number, found ${text}`,
        hint:
          (separators && `${separators}; ${skip}`) ||
          learned ||
          `--na ${quoteForShell(text)} reads it as missing, --categorical ${quoteForShell(column)} reads the column as categories, ${skip}`,
      }
    }
    case BadReason.MissingLabel:
      return {
        expected: `expected a value of the target, found ${text === '""' ? 'an empty field' : text}`,
        hint: `a row without its target ${schemaIsFixed ? 'cannot be scored' : 'teaches nothing'}: ${skip}`,
      }
    case BadReason.UnknownClass:
      return {
        expected: `expected one of the classes ${classList(schema)}, found ${text}`,
        hint: `the classes are those ${schemaIsFixed ? 'that the model has learned' : 'of the sample'}; ${skip}`,
      }
    case BadReason.BadWeight:
      return {
        expected: `expected a weight, a number of at least 0, found ${text}`,
        hint: skip,
      }
    case BadReason.UnterminatedQuote:
      return {
        expected: `expected a closing quote, found the end of the data: the field starts with ${text}`,
        hint: 'close the quote, double it if it is meant as text, or use --quote "" if quotes are plain text in this file',
      }
    case BadReason.TextAfterQuote:
      return {
        expected: `expected a delimiter or a line break after the closing quote, found more text: ${text}`,
        hint: `a quote inside quotes must be doubled; ${skip}`,
      }
    case BadReason.OutOfRange:
      return {
        expected: `expected a number that fits into 32 bits once it is standardised, found ${text}`,
        hint: `is it a marker for "missing"? ${schemaIsFixed ? '' : `--na ${quoteForShell(text)} reads it so; `}${skip}`,
      }
    case BadReason.InvalidUtf8:
      return {
        expected: 'expected UTF-8, found bytes that are not',
        hint: `is the file in another encoding? --encoding latin1 reads it so; ${skip}`,
      }
    case BadReason.NotABoolean:
      return {
        expected: `expected true or false (yes, no, t, f), found ${text}`,
        hint: schemaIsFixed
          ? `the model has learned this column as true or false; ${skip}`
          : `--na ${quoteForShell(text)} reads it as missing, --categorical ${quoteForShell(column)} reads the column as categories, ${skip}`,
      }
    case BadReason.NotADate:
      return {
        expected: `expected a date (ISO 8601, or seconds or milliseconds since 1970), found ${text}`,
        hint: schemaIsFixed ? skip : `--na ${quoteForShell(text)} reads it as missing, ${skip}`,
      }
    case BadReason.LabelOutOfRange:
      return {
        expected: `expected ${targetRange(schema)}, found ${text}`,
        hint: schemaIsFixed
          ? `the model's loss is defined for no other target; ${skip}`
          : `the loss is defined for no other target: --loss squared takes any number; ${skip}`,
      }
    case BadReason.Count:
      throw new Error('not a reason')
  }
}

function targetRange({ target }: Schema): string {
  return target.kind === 'number' && target.range === 'positive'
    ? 'a target above 0'
    : 'a target of at least 0'
}

function classList(schema: Schema): string {
  const classes = schema.target.kind === 'number' ? [] : schema.target.classes
  const shownClasses = classes.slice(0, 8).map((name) => JSON.stringify(name))
  return shownClasses.join(', ') + (classes.length > 8 ? ', …' : '')
}

function withoutQuotes(field: string, { quote }: Dialect): string {
  return quote !== undefined && field.length > 1 && field.startsWith(quote) ? field.slice(1, -1) : field
}

/** As JSON, so that control characters are escaped and the end of the text is seen. */
function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTED_TEXT ? `${text.slice(0, LONGEST_QUOTED_TEXT)}…` : text)
}

function quoteForShell(text: string): string {
  return /^"?[\w.-]+"?$/.test(text) ? text.replaceAll('"', '') : `'${text.replace(/^"|"$/g, '')}'`
}
