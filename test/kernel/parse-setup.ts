/** Builds what the parse kernel reads (context, program, tables) from plain objects, for tests and benchmarks. */
import { murmur3 } from '../../src/numeric/murmur3.js'
import { POWERS_BYTES, powersOfTen } from '../../src/numeric/powers.js'
import {
  BadRow,
  BadRows,
  Column,
  ColumnOp,
  Interaction,
  ParseContext,
  ParseResult,
  Parts,
  Table,
  TableIndex,
  TableSlot,
  Word,
} from '../../workers/layout.js'
import type { OpenKernel } from './harness.js'

/** One CSV column; what is left out is 0, no table, no clamp. */
export interface TestColumn {
  op: ColumnOp
  word?: number
  indicator?: number
  /** Values of the vocabulary, in the order of their indices. */
  values?: readonly string[]
  first?: number
  buckets?: number
  firstBucket?: number
  missing?: number
  mean?: number
  inverseScale?: number
  fill?: number
  limit?: number
  /** Number of the Part that the value is to interactions. */
  part?: number
  /** Columns of a date's parts. */
  parts?: readonly TestColumn[]
}

/** A feature of two columns: a category with the value of one Part, or of two. */
export interface TestInteraction extends Omit<TestColumn, 'op' | 'part' | 'parts'> {
  first: number
  firstPart: number
  secondPart?: number
}

export interface TestContext {
  delimiter?: string
  quote?: string
  comment?: string
  decimal?: ',' | '.'
  columns: readonly TestColumn[]
  interactions?: readonly TestInteraction[]
  missingTokens?: readonly string[]
  denseWords?: number
  labelWord?: number
  weightWord?: number
  strideWords: number
  threshold?: number
  seed?: number
  keep?: boolean
}

const byteOf = (character: string | undefined): number => character?.charCodeAt(0) ?? 0

/** A Table of the values, each with its place in the list, and of the missing-value tokens. */
export function writeTable(open: OpenKernel, values: readonly string[], missing: readonly string[]): number {
  const entries = new Map<string, number>(values.map((value, index) => [value, index]))
  for (const token of missing) entries.set(token, TableIndex.Missing)
  // At most half full, so that every probe ends.
  let slots = 2
  while (slots < entries.size * 2) slots *= 2
  const table = open.allocate(Table.Slots + slots * TableSlot.SIZE)
  open.view.setUint32(table + Table.Mask, slots - 1, true)
  const longest = Math.max(0, ...[...entries.keys()].map((value) => Buffer.byteLength(value)))
  open.view.setUint32(table + Table.Longest, longest, true)
  for (const [value, index] of entries) {
    const key = Buffer.from(value)
    const address = open.allocate(key.length + 1)
    open.bytes.set(key, address)
    const hash = murmur3(key)
    let place = hash & (slots - 1)
    const slot = (): number => table + Table.Slots + place * TableSlot.SIZE
    while (open.view.getUint32(slot() + TableSlot.Key, true) !== 0) place = (place + 1) & (slots - 1)
    open.view.setUint32(slot() + TableSlot.Hash, hash, true)
    open.view.setUint32(slot() + TableSlot.Index, index, true)
    open.view.setUint32(slot() + TableSlot.Key, address, true)
    open.view.setUint32(slot() + TableSlot.KeyLength, key.length, true)
  }
  return table
}

function writeColumn(open: OpenKernel, at: number, column: TestColumn, missing: readonly string[]): void {
  const { view } = open
  view.setUint32(at + Column.Op, column.op, true)
  view.setUint32(at + Column.Word, column.word ?? 0, true)
  view.setUint32(at + Column.Indicator, column.indicator ?? Word.None, true)
  view.setUint32(at + Column.Table, column.values ? writeTable(open, column.values, missing) : 0, true)
  view.setUint32(at + Column.First, column.first ?? 0, true)
  view.setUint32(at + Column.Buckets, column.buckets ?? 0, true)
  view.setUint32(at + Column.FirstBucket, column.firstBucket ?? 0, true)
  view.setUint32(at + Column.Missing, column.missing ?? 0, true)
  view.setUint32(at + Column.Part, column.part ?? Word.None, true)
  if (column.parts !== undefined) {
    const parts = open.allocate(column.parts.length * Column.SIZE)
    column.parts.forEach((part, i) => writeColumn(open, parts + i * Column.SIZE, part, missing))
    view.setUint32(at + Column.Table, parts, true)
  }
  view.setFloat64(at + Column.Mean, column.mean ?? 0, true)
  view.setFloat64(at + Column.InverseScale, column.inverseScale ?? 1, true)
  view.setFloat64(at + Column.Fill, column.fill ?? 0, true)
  view.setFloat64(at + Column.Limit, column.limit ?? Infinity, true)
}

/** Writes a ParseContext and all it points to; returns its address. */
export function writeContext(open: OpenKernel, context: TestContext): number {
  const { view } = open
  const address = open.allocate(ParseContext.SIZE)
  const program = open.allocate(context.columns.length * Column.SIZE)
  const powers = open.allocate(POWERS_BYTES)
  open.bytes.set(powersOfTen(), powers)
  const tokens = context.missingTokens ?? []
  context.columns.forEach((column, index) => writeColumn(open, program + index * Column.SIZE, column, tokens))
  const interactions = context.interactions ?? []
  const pairs = open.allocate(interactions.length * Interaction.SIZE)
  interactions.forEach((interaction, i) => {
    const at = pairs + i * Interaction.SIZE
    writeColumn(open, at, { ...interaction, op: ColumnOp.Category }, [])
    view.setUint32(at + Interaction.First, interaction.firstPart, true)
    view.setUint32(at + Interaction.Second, interaction.secondPart ?? Word.None, true)
  })
  const set = (field: ParseContext, value: number): void => view.setUint32(address + field, value, true)
  set(ParseContext.Delimiter, byteOf(context.delimiter ?? ','))
  set(ParseContext.Quote, byteOf(context.quote ?? '"'))
  set(ParseContext.Comment, byteOf(context.comment))
  set(ParseContext.DecimalComma, Number(context.decimal === ','))
  set(ParseContext.Columns, context.columns.length)
  set(ParseContext.Program, program)
  set(ParseContext.InteractionCount, interactions.length)
  set(ParseContext.Interactions, pairs)
  set(ParseContext.MissingTokens, writeTable(open, [], tokens))
  set(ParseContext.Powers, powers)
  set(ParseContext.Stride, context.strideWords * 4)
  set(ParseContext.DenseWords, context.denseWords ?? 0)
  set(ParseContext.LabelWord, context.labelWord ?? Word.None)
  set(ParseContext.WeightWord, context.weightWord ?? Word.None)
  set(ParseContext.ValidationThreshold, context.threshold ?? 0)
  set(ParseContext.ValidationSeed, context.seed ?? 0)
  set(ParseContext.KeepValidation, context.keep === false ? 0 : 1)
  return address
}

/** The regions that one parse call works on. */
export interface ParseRegions {
  bytes: number
  rows: number
  result: number
  scratch: number
}

/** Room for `length` bytes, and the 64 after them that may be read, and for `capacityRows` rows. */
export function allocateRegions(open: OpenKernel, length: number, rowBytes: number): ParseRegions {
  return {
    bytes: open.allocate(length + 64),
    rows: open.allocate(rowBytes),
    result: open.allocate(ParseResult.Bad + BadRows.Capacity * BadRow.SIZE),
    scratch: open.allocate(Parts.Room + length + 64) + Parts.Room,
  }
}

export interface Outcome {
  consumed: number
  rows: number
  validationRows: number
  bad: Record<'record' | 'recordLength' | 'reason' | 'column' | 'field' | 'fieldLength' | 'fields', number>[]
}

/** A ParseResult as an object. */
export function readResult(view: DataView, result: number): Outcome {
  const word = (at: number): number => view.getUint32(at, true)
  const count = word(result + ParseResult.BadRows)
  return {
    consumed: word(result + ParseResult.Consumed),
    rows: word(result + ParseResult.Rows),
    validationRows: word(result + ParseResult.ValidationRows),
    bad: Array.from({ length: count }, (_, index) => {
      const at = result + ParseResult.Bad + index * BadRow.SIZE
      return {
        record: word(at + BadRow.Record),
        recordLength: word(at + BadRow.RecordLength),
        reason: word(at + BadRow.Reason),
        column: word(at + BadRow.Column),
        field: word(at + BadRow.Field),
        fieldLength: word(at + BadRow.FieldLength),
        fields: word(at + BadRow.Fields),
      }
    }),
  }
}

export { ColumnOp }
