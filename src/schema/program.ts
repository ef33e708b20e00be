import { Column, ColumnOp, DateParts, Interaction, ParseContext, Word } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { rowLayout, type RowLayout } from '../step/rows.js'
import { areBooleans, spellings } from './booleans.js'
import type { GrowingVocabularies } from './growing-vocabularies.js'
import { factorWords, interactionParts, interactionSides } from './interactions.js'
import type { ContextAddress } from './parse-context.js'
import {
  categoryCount,
  categoryIndices,
  denseFeatures,
  featureColumns,
  isNumber,
  type CategoryColumn,
  type CategorySlot,
  type DateColumn,
  type NumberColumn,
  type Scaling,
  type Schema,
} from './schema.js'
import { slotSalt } from './slot-salt.js'
import { writeTable } from './value-table.js'

/** How rows of a schema are laid out, and how many category indices there are over all columns. */
export interface Encoding {
  layout: RowLayout
  categoryIndices: number
  /** Where vocabularies grow: indices behind those of the schema. */
  vocabularies?: GrowingVocabularies | undefined
}

export function schemaEncoding(schema: Schema): Encoding {
  const { categories } = featureColumns(schema)
  return {
    layout: rowLayout(denseFeatures(schema).length, categories.length, factorWords(schema)),
    categoryIndices: categoryIndices(schema),
  }
}

/** Where the columns of a schema are in a CSV. */
export interface ColumnPlaces {
  /** Columns of the CSV. */
  columns: number
  /** For each column of the schema its number in the CSV, undefined where it is not read. Features have one. */
  of: readonly (number | undefined)[]
}

/**
 * Writes the column program of a schema and tells the context of it: from here on the kernel can turn bytes into
 * encoded rows. `withTarget` is false where the target is not needed (predict): its column is then walked over.
 * `places` says where each column of the schema is in the CSV, where that is not the file it was fitted on; `vocabularies`
 * are given where those of the schema grow.
 */
export function writeProgram(
  memory: SharedMemory,
  context: ContextAddress,
  schema: Schema,
  withTarget: boolean,
  places: ColumnPlaces = { columns: schema.columns.length, of: schema.columns.map((_, i) => i) },
  vocabularies?: GrowingVocabularies,
): Encoding {
  const encoding = { ...schemaEncoding(schema), vocabularies }
  const { layout } = encoding
  const program = memory.allocate('column program', places.columns * Column.SIZE)
  const parts = interactionParts(schema)
  const writer = new ProgramWriter(memory, schema, layout, parts, vocabularies)
  for (let i = 0; i < places.columns; i++) writer.field(program.start + i * Column.SIZE, ColumnOp.Skip, 0)
  schema.columns.forEach((column, i) => {
    const place = places.of[i]
    if (place === undefined) return
    const at = program.start + place * Column.SIZE
    if (isNumber(column)) writer.number(at, column)
    else if (column.kind === 'date') writer.date(at, column)
    else if (column.kind === 'category') writer.category(at, column)
    else if (column.kind === 'weight') writer.field(at, ColumnOp.Weight, layout.weightWord)
    else if (column.kind === 'target' && withTarget) writer.target(at, schema)
  })
  const interactions = writer.interactions(schema)
  const { u32 } = memory.views
  const set = (offset: ParseContext, value: number) => (u32[(context + offset) >>> 2] = value)
  set(ParseContext.Program, program.start)
  set(ParseContext.Stride, layout.strideWords * 4)
  set(ParseContext.DenseWords, layout.denseWords)
  set(ParseContext.LabelWord, layout.labelWord)
  set(ParseContext.WeightWord, layout.weightWord)
  set(ParseContext.InteractionCount, schema.interactions.length)
  set(ParseContext.Interactions, interactions)
  set(ParseContext.Vocabularies, vocabularies?.address ?? 0)
  return encoding
}

const labelOps = {
  any: ColumnOp.NumberLabel,
  'not negative': ColumnOp.NotNegativeLabel,
  positive: ColumnOp.PositiveLabel,
} as const

class ProgramWriter {
  #denseWord = 0
  #categoryColumn = 0
  #categoryIndex: number
  readonly #missingTokens: readonly string[]
  readonly #sharedBuckets: number

  constructor(
    private readonly memory: SharedMemory,
    { dialect, sharedBuckets = 0 }: Schema,
    private readonly layout: RowLayout,
    private readonly parts: ReadonlyMap<string, number>,
    private readonly vocabularies: GrowingVocabularies | undefined,
  ) {
    this.#missingTokens = dialect.missingTokens
    this.#sharedBuckets = sharedBuckets
    this.#categoryIndex = sharedBuckets
  }

  field(at: number, op: ColumnOp, word: number): void {
    const { u32 } = this.memory.views
    u32[(at + Column.Op) >>> 2] = op
    u32[(at + Column.Word) >>> 2] = word
    u32[(at + Column.Indicator) >>> 2] = Word.None
    u32[(at + Column.Part) >>> 2] = Word.None
    this.scaling(at, 0, 1, 0, Infinity)
  }

  number(at: number, column: NumberColumn): void {
    const op = column.kind === 'boolean' ? ColumnOp.Boolean : ColumnOp.Number
    this.feature(at, op, column, column.limit)
    if (column.indicator) this.indicator(at)
  }

  /** The parts have a Column each, besides that of the date itself. */
  date(at: number, column: DateColumn): void {
    const parts = this.memory.allocate('date parts', DateParts.Count * Column.SIZE)
    this.field(at, ColumnOp.Date, Word.None)
    this.memory.views.u32[(at + Column.Table) >>> 2] = parts.start
    column.parts.forEach((part, i) => {
      this.feature(parts.start + i * Column.SIZE, ColumnOp.Number, part, column.limit)
    })
    if (column.indicator) this.indicator(at)
  }

  private feature(at: number, op: ColumnOp, { mean, scale, fill }: Scaling, limit: number | null): void {
    this.field(at, op, this.#denseWord++)
    this.scaling(at, mean, 1 / scale, fill, limit ?? Infinity)
  }

  private indicator(at: number): void {
    this.memory.views.u32[(at + Column.Indicator) >>> 2] = this.#denseWord++
  }

  category(at: number, column: CategoryColumn): void {
    this.slot(at, column, this.#missingTokens)
    this.memory.views.u32[(at + Column.Part) >>> 2] = this.parts.get(column.name) ?? Word.None
  }

  /** Interactions do not belong to a column of the CSV: they are a list of their own, after all columns; returns its address. */
  interactions({ columns, interactions }: Schema): number {
    const { start } = this.memory.allocate('interactions', interactions.length * Interaction.SIZE)
    interactions.forEach((interaction, i) => {
      const at = start + i * Interaction.SIZE
      // A missing value is known by its part.
      this.slot(at, interaction, [])
      const [first, second] = interactionSides(columns, interaction.columns)!.categories
      const { u32 } = this.memory.views
      u32[(at + Interaction.First) >>> 2] = this.parts.get(first!)!
      u32[(at + Interaction.Second) >>> 2] = second === undefined ? Word.None : this.parts.get(second)!
    })
    return start
  }

  private slot(at: number, column: CategorySlot, missingTokens: readonly string[]): void {
    const slot = this.#categoryColumn++
    this.field(at, ColumnOp.Category, this.layout.denseWords + slot)
    const table = writeTable(this.memory, column.values, missingTokens)
    const { u32 } = this.memory.views
    u32[(at + Column.Table) >>> 2] = table
    u32[(at + Column.First) >>> 2] = this.#categoryIndex
    u32[(at + Column.Buckets) >>> 2] = this.#sharedBuckets || column.buckets
    u32[(at + Column.FirstBucket) >>> 2] =
      this.#sharedBuckets > 0 ? 0 : this.#categoryIndex + column.values.length
    u32[(at + Column.Salt) >>> 2] = this.#sharedBuckets > 0 ? slotSalt(slot) : 0
    u32[(at + Column.Missing) >>> 2] = this.#categoryIndex + column.values.length + column.buckets
    u32[(at + Column.Grown) >>> 2] = this.vocabularies?.addressOf(slot) ?? 0
    this.#categoryIndex += categoryCount(column)
  }

  target(at: number, { target }: Schema): void {
    if (target.kind === 'number') {
      this.field(at, labelOps[target.range ?? 'any'], this.layout.labelWord)
      this.scaling(at, target.mean, 1 / target.scale, 0, Infinity)
      return
    }
    this.field(at, ColumnOp.ClassLabel, this.layout.labelWord)
    const table = areBooleans(target.classes)
      ? writeTable(this.memory, [...spellings.keys()], this.#missingTokens, [...spellings.values()])
      : writeTable(this.memory, target.classes, this.#missingTokens)
    this.memory.views.u32[(at + Column.Table) >>> 2] = table
  }

  private scaling(at: number, mean: number, inverseScale: number, fill: number, limit: number): void {
    const { f64 } = this.memory.views
    f64[(at + Column.Mean) >>> 3] = mean
    f64[(at + Column.InverseScale) >>> 3] = inverseScale
    f64[(at + Column.Fill) >>> 3] = fill
    f64[(at + Column.Limit) >>> 3] = limit
  }
}
