import { ParseContext, Word } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { powersOfTen } from '../numeric/powers.js'
import type { Dialect } from './schema.js'
import { writeTable } from './value-table.js'

/** Address of a ParseContext in the shared memory. */
export type ContextAddress = number

/**
 * Writes how to cut records and fields from bytes. The column program, which says what becomes of the fields, is
 * written later, when the schema is known (program.ts).
 */
export function writeContext(memory: SharedMemory, dialect: Dialect): ContextAddress {
  const powers = powersOfTen()
  const powersRegion = memory.allocate('powers of ten', powers.length)
  memory.u8(powersRegion).set(powers)
  const missingTokens = writeTable(memory, [], dialect.missingTokens)
  const { start } = memory.allocate('parse context', ParseContext.SIZE)
  const { u32 } = memory.views
  const set = (offset: ParseContext, value: number) => (u32[(start + offset) >>> 2] = value)
  set(ParseContext.Delimiter, dialect.delimiter.charCodeAt(0))
  set(ParseContext.Quote, dialect.quote === undefined ? 0 : dialect.quote.charCodeAt(0))
  set(ParseContext.Comment, dialect.comment === undefined ? 0 : dialect.comment.charCodeAt(0))
  set(ParseContext.MissingTokens, missingTokens)
  set(ParseContext.Powers, powersRegion.start)
  set(ParseContext.DecimalComma, Number(dialect.decimal === ','))
  set(ParseContext.LabelWord, Word.None)
  set(ParseContext.WeightWord, Word.None)
  return start
}

/** Tells the context how many fields a record has, which is known once the header has been read. */
export function setColumns(memory: SharedMemory, context: ContextAddress, columns: number): void {
  memory.views.u32[(context + ParseContext.Columns) >>> 2] = columns
}
