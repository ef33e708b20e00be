import { usageError } from '../../errors.js'
import type { Schema } from '../../schema/schema.js'
import { missingTexts } from '../model-features.js'
import { identifier, literal } from './text.js'

/** How the columns of the table are read: as numbers, truths or texts, and what "missing" looks like. */
export class Columns {
  readonly #missing: string

  constructor(schema: Schema) {
    const tokens = missingTexts(schema).filter((token) => !token.includes('\0'))
    this.#missing = tokens.map(literal).join(', ')
  }

  /** Columns of any type: NULL, and texts that mean it. */
  isMissing(name: string): string {
    return `${column(name)} IS NULL OR TRIM(${this.text(name)}) IN (${this.#missing})`
  }

  /** `|| ''` takes the column's collation and type away, for comparisons letter by letter and for SQLite's index on a joined table. */
  text(name: string): string {
    return `CAST(${column(name)} AS VARCHAR) || ''`
  }

  number(name: string): string {
    return `CAST(${column(name)} AS DOUBLE PRECISION)`
  }

  /** Words in any case; a boolean is written as one, or as 1 and 0. */
  word(name: string): string {
    return `LOWER(TRIM(${this.text(name)}))`
  }
}

/** Qualified, because SQLite takes a quoted name that is no column for a text. */
export function column(name: string): string {
  return `t.${identifier(name)}`
}

/** `flights` or `schema.flights`. */
export function tableName(table: string): string {
  const parts = table.split('.')
  if (parts.every((part) => part !== '')) return parts.map(identifier).join('.')
  const message = `table: expected a name, or schema.name, got ${JSON.stringify(table)}`
  throw usageError('OPTION_VALUE', message, 'give the name of the table as the database has it', {
    option: 'table',
  })
}
