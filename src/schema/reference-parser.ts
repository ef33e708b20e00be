/**
 * Bytes → encoded rows, one field after the other: what workers/kernel/parse.ts does, in its plainest form, with the
 * same arguments. Slow; it is the oracle of the kernel's tests and the text to read first. In one file, however long, so that
 * it can be read from its first line to its last.
 *
 * A number is Math.fround((Number(text) − mean) · inverse scale). Number() rounds the decimal to the nearest f64 and
 * Math.fround that to the nearest f32; rounding twice differs from rounding once only where the f64 falls exactly
 * half-way between two f32. The value is defined by the two roundings, which every JavaScript host agrees on.
 */
import { isUtf8 } from 'node:buffer'
import { murmur3, positionHash } from '../numeric/murmur3.js'
import { parseBoolean } from './booleans.js'
import { parseDate } from './dates.js'
import { decimal, withoutBlanks } from './decimal.js'
import {
  BadReason,
  BadRow,
  BadRows,
  Column,
  ColumnOp,
  DateParts,
  Ends,
  Interaction,
  PairSeparator,
  ParseContext,
  ParseResult,
  Table,
  TableIndex,
  TableSlot,
  Word,
} from '../../workers/layout.js'
import type { DecimalMark } from './schema.js'
import { readRecord, skipLine, type ReferenceField, type ReferenceRecord } from './reference-records.js'

/** A context read back from the shared memory. */
interface Program {
  view: DataView
  context: number
  columns: number
  decimal: DecimalMark
  missing: Map<string, number>
  /** By the address of their Column. */
  tables: Map<number, Map<string, number>>
  /** Addresses of the interactions. */
  interactions: readonly number[]
  /** Values of the current record that interactions are made of, by the number of their Part; undefined for missing ones. */
  parts: Map<number, Uint8Array | undefined>
}

/** What is wrong with a record, and in which field. */
interface Fault {
  reason: BadReason
  column: number
  field: number
  fieldLength: number
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

function readTable(view: DataView, table: number): Map<string, number> {
  const entries = new Map<string, number>()
  if (table === 0) return entries
  const slots = view.getUint32(table + Table.Mask, true) + 1
  for (
    let slot = table + Table.Slots;
    slot < table + Table.Slots + slots * TableSlot.SIZE;
    slot += TableSlot.SIZE
  ) {
    const key = view.getUint32(slot + TableSlot.Key, true)
    if (key === 0) continue
    const bytes = new Uint8Array(view.buffer, key, view.getUint32(slot + TableSlot.KeyLength, true))
    entries.set(latin1(bytes), view.getUint32(slot + TableSlot.Index, true))
  }
  return entries
}

function readProgram(view: DataView, context: number): Program {
  const columns = view.getUint32(context + ParseContext.Columns, true)
  const program = view.getUint32(context + ParseContext.Program, true)
  const tables = new Map<number, Map<string, number>>()
  for (let index = 0; index < columns; index += 1) {
    const column = program + index * Column.SIZE
    // Where a date's table would be are its parts.
    if (view.getUint32(column + Column.Op, true) === ColumnOp.Date) continue
    tables.set(column, readTable(view, view.getUint32(column + Column.Table, true)))
  }
  const missing = readTable(view, view.getUint32(context + ParseContext.MissingTokens, true))
  const first = view.getUint32(context + ParseContext.Interactions, true)
  const count = view.getUint32(context + ParseContext.InteractionCount, true)
  const interactions = Array.from({ length: count }, (_, i) => first + i * Interaction.SIZE)
  for (const at of interactions) tables.set(at, readTable(view, view.getUint32(at + Column.Table, true)))
  const decimal = view.getUint32(context + ParseContext.DecimalComma, true) === 1 ? ',' : '.'
  return { view, context, columns, decimal, missing, tables, interactions, parts: new Map() }
}

/** Writes one value into its row; returns what is wrong with it, or undefined. */
function encodeValue(
  program: Program,
  column: number,
  row: number,
  value: Uint8Array,
): BadReason | undefined {
  const { view } = program
  const u32 = (field: Column): number => view.getUint32(column + field, true)
  const word = row + u32(Column.Word) * 4
  const op: ColumnOp = u32(Column.Op)
  const text = latin1(value)
  const trimmed = withoutBlanks(text)
  const missing = trimmed === '' || program.missing.has(trimmed)

  if (op === ColumnOp.Category || op === ColumnOp.ClassLabel) {
    const known = program.tables.get(column)?.get(text)
    const index = missing ? TableIndex.Missing : known
    if (op === ColumnOp.ClassLabel) {
      if (index === undefined) return BadReason.UnknownClass
      if (index === TableIndex.Missing) return BadReason.MissingLabel
      view.setFloat32(word, index, true)
    } else {
      program.parts.set(u32(Column.Part), missing ? undefined : value)
      storeCategory(program, column, row, missing ? undefined : value)
    }
    return undefined
  }

  const number = decimal(text, program.decimal)
  if (op === ColumnOp.Weight) {
    const weight = Math.fround(number)
    if (missing || !(weight >= 0 && weight < Infinity)) return BadReason.BadWeight
    view.setFloat32(word, weight, true)
    return undefined
  }
  if (missing && u32(Column.Indicator) !== Word.None) {
    view.setFloat32(row + u32(Column.Indicator) * 4, 1, true)
  }
  if (op === ColumnOp.Date) {
    const parts = missing ? undefined : parseDate(text, number)
    if (!missing && parts === undefined) return BadReason.NotADate
    for (let part = 0; part < DateParts.Count; part += 1) {
      const fault = storeNumber(view, u32(Column.Table) + part * Column.SIZE, row, parts?.[part])
      if (fault !== undefined) return fault
    }
    return undefined
  }
  if (op === ColumnOp.NumberLabel || op === ColumnOp.NotNegativeLabel || op === ColumnOp.PositiveLabel) {
    if (missing) return BadReason.MissingLabel
    if (Number.isNaN(number)) return BadReason.NotANumber
    if (op === ColumnOp.NotNegativeLabel && number < 0) return BadReason.LabelOutOfRange
    const fault = storeNumber(view, column, row, number)
    const outside = op === ColumnOp.PositiveLabel && !(view.getFloat32(word, true) > 0)
    return fault ?? (outside ? BadReason.LabelOutOfRange : undefined)
  }
  if (missing) return storeNumber(view, column, row, undefined)
  if (op === ColumnOp.Boolean) {
    const truth = parseBoolean(text, number)
    return truth === undefined ? BadReason.NotABoolean : storeNumber(view, column, row, truth)
  }
  return Number.isNaN(number) ? BadReason.NotANumber : storeNumber(view, column, row, number)
}

/** Stores the parameter index of a value, or that of "missing". */
function storeCategory(
  { view, tables }: Program,
  column: number,
  row: number,
  value: Uint8Array | undefined,
): void {
  const u32 = (field: Column): number => view.getUint32(column + field, true)
  const store = (index: number): void => view.setUint32(row + u32(Column.Word) * 4, index, true)
  const index = value === undefined ? undefined : tables.get(column)!.get(latin1(value))
  if (index !== undefined) store(u32(Column.First) + index)
  else if (value !== undefined && u32(Column.Buckets) > 0) {
    store(u32(Column.FirstBucket) + (murmur3(value) & (u32(Column.Buckets) - 1)))
  } else store(u32(Column.Missing))
}

/** Stores the words that are made of two columns; the categories of the record have been met. */
function encodeInteractions(program: Program, row: number): void {
  const { view, parts } = program
  for (const interaction of program.interactions) {
    const first = parts.get(view.getUint32(interaction + Interaction.First, true))
    const number = view.getUint32(interaction + Interaction.Second, true)
    if (number === Word.None) {
      storeCategory(program, interaction, row, first)
      continue
    }
    const second = parts.get(number)
    const known = first !== undefined && second !== undefined
    storeCategory(
      program,
      interaction,
      row,
      known ? Uint8Array.of(...first, PairSeparator.Byte, ...second) : undefined,
    )
  }
}

/** Standardises, clamps and stores a number, or `fill` for a missing one. */
function storeNumber(
  view: DataView,
  column: number,
  row: number,
  number: number | undefined,
): BadReason | undefined {
  const f64 = (field: Column): number => view.getFloat64(column + field, true)
  const word = row + view.getUint32(column + Column.Word, true) * 4
  if (number === undefined) {
    view.setFloat32(word, f64(Column.Fill), true)
    return undefined
  }
  const scaled = (number - f64(Column.Mean)) * f64(Column.InverseScale)
  if (!Number.isFinite(scaled)) return BadReason.OutOfRange
  const limit = f64(Column.Limit)
  const encoded = Math.fround(Math.min(Math.max(scaled, -limit), limit))
  if (!Number.isFinite(encoded)) return BadReason.OutOfRange
  view.setFloat32(word, encoded, true)
  return undefined
}

/** The first byte of the first character that is not UTF-8: up to there the bytes are, and no further. */
function firstInvalid(bytes: Uint8Array): number | undefined {
  if (isUtf8(bytes)) return undefined
  let valid = bytes.length - 1
  while (!isUtf8(bytes.subarray(0, valid))) valid -= 1
  return valid
}

function fieldFault(
  program: Program,
  field: ReferenceField,
  index: number,
  row: number,
): BadReason | undefined {
  if (index >= program.columns) return BadReason.TooManyFields
  if (field.fault === 'unterminated') return BadReason.UnterminatedQuote
  if (field.fault === 'text-after-quote') return BadReason.TextAfterQuote
  const column = program.view.getUint32(program.context + ParseContext.Program, true) + index * Column.SIZE
  if (program.view.getUint32(column + Column.Op, true) === ColumnOp.Skip) return undefined
  return encodeValue(program, column, row, field.value)
}

/** Writes a whole row, every word of it; returns its first fault, or undefined. */
function encodeRecord(
  program: Program,
  record: ReferenceRecord,
  bytes: Uint8Array,
  row: number,
): Fault | undefined {
  const { view, context } = program
  new Uint8Array(view.buffer, row, view.getUint32(context + ParseContext.Stride, true)).fill(0)
  const weightWord = view.getUint32(context + ParseContext.WeightWord, true)
  if (weightWord !== Word.None) view.setFloat32(row + weightWord * 4, 1, true)
  const invalid = firstInvalid(bytes)
  if (invalid !== undefined) {
    const field = record.start + invalid
    const column = record.fields.findIndex(({ stop }) => stop > field)
    return {
      reason: BadReason.InvalidUtf8,
      column: Math.min(column, program.columns),
      field,
      fieldLength: 1,
    }
  }
  for (const [index, field] of record.fields.entries()) {
    const reason = fieldFault(program, field, index, row)
    if (reason === undefined) continue
    return { reason, column: index, field: field.start, fieldLength: field.end - field.start }
  }
  if (record.fields.length === program.columns) {
    encodeInteractions(program, row)
    return undefined
  }
  return { reason: BadReason.TooFewFields, column: record.fields.length, field: record.end, fieldLength: 0 }
}

function writeBadRow(view: DataView, entry: number, record: ReferenceRecord, fault: Fault): void {
  view.setUint32(entry + BadRow.Record, record.start, true)
  view.setUint32(entry + BadRow.RecordLength, record.end - record.start, true)
  view.setUint32(entry + BadRow.Reason, fault.reason, true)
  view.setUint32(entry + BadRow.Column, fault.column, true)
  view.setUint32(entry + BadRow.Field, fault.field, true)
  view.setUint32(entry + BadRow.FieldLength, fault.fieldLength, true)
  view.setUint32(entry + BadRow.Fields, record.fields.length, true)
}

/** Parses as ParseKernel.parseBlock does (see workers/kernel.ts), in the memory that `view` shows; needs no scratch. */
export function parseBlock(
  view: DataView,
  context: number,
  bytes: number,
  length: number,
  ends: Ends,
  position: number,
  rows: number,
  capacityRows: number,
  result: number,
): void {
  const u32 = (field: ParseContext): number => view.getUint32(context + field, true)
  const program = readProgram(view, context)
  const input = {
    bytes: new Uint8Array(view.buffer, bytes, length),
    dialect: {
      delimiter: u32(ParseContext.Delimiter),
      quote: u32(ParseContext.Quote),
      comment: u32(ParseContext.Comment),
    },
    final: ends === Ends.Data,
  }
  const stride = u32(ParseContext.Stride)
  let at = 0
  let trained = 0
  let heldOut = 0
  let bad = 0
  while (at < length && trained + heldOut < capacityRows && bad < BadRows.Capacity) {
    const next = skipLine(input, at)
    if (next > at) {
      at = next
      continue
    }
    const record = readRecord(input, at)
    if (record === undefined) break
    const hash = positionHash(u32(ParseContext.ValidationSeed), position + at)
    const validation = hash < u32(ParseContext.ValidationThreshold)
    const keep = validation && u32(ParseContext.KeepValidation) === 1
    const row = rows + (keep ? capacityRows - 1 - heldOut : trained) * stride
    const fault = encodeRecord(program, record, input.bytes.slice(record.start, record.end), row)
    if (fault !== undefined) {
      writeBadRow(view, result + ParseResult.Bad + bad * BadRow.SIZE, record, fault)
      bad += 1
    } else if (validation) heldOut += 1
    else trained += 1
    at = record.next
  }
  view.setUint32(result + ParseResult.Consumed, at, true)
  view.setUint32(result + ParseResult.Rows, trained, true)
  view.setUint32(result + ParseResult.ValidationRows, heldOut, true)
  view.setUint32(result + ParseResult.BadRows, bad, true)
}
