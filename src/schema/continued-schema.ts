import type { SharedMemory } from '../engine/memory.js'
import { runError, shown } from '../errors.js'
import type { BadRowPolicy } from '../options.js'
import { didYouMean } from '../suggest.js'
import { areBooleans, spellings } from './booleans.js'
import { roomToGrow } from './infer.js'
import { interactionSides } from './interactions.js'
import { looksNumeric } from './kinds.js'
import { matchColumns } from './match.js'
import { countPairs } from './pair-counts.js'
import type { ContextAddress } from './parse-context.js'
import type { ColumnPlaces } from './program.js'
import type { ColumnStatistics, SampleChunk, ValueCounts } from './sample.js'
import { countValues, profileColumns } from './sample.js'
import type { CategorySlot, ColumnSchema, Dialect, InteractionColumn, Schema } from './schema.js'
import { profileValues, valueReaders } from './value-profile.js'

/** The first rows of new data, with the names of its columns. */
export interface NewData {
  readonly memory: SharedMemory
  readonly context: ContextAddress
  /** For messages. */
  readonly file: string
  readonly dialect: Dialect
  readonly names: readonly string[]
  readonly chunks: readonly SampleChunk[]
}

export interface ContinueOptions {
  /** No vocabulary grows. */
  readonly freezePreprocessing: boolean
  readonly maxCategories: number
  readonly onBadRow: BadRowPolicy
}

/** The schema of a model, ready for new data. */
export interface ContinuedSchema {
  /** The model's, in its order, with the dialect of the data and with room where vocabularies may grow. */
  readonly schema: Schema
  /** Where its columns are in the data. */
  readonly places: ColumnPlaces
  /** The same columns in the order of the data. */
  readonly inOrderOfData: Schema
  readonly warnings: readonly string[]
}

/**
 * Checks that new data fits the schema of a model, and opens its vocabularies: means, scales, fills, limits, classes and
 * the values so far, with their indices, stay what they are, so that every row is encoded as the model encodes it.
 *
 * Throws MISSING_COLUMN, COLUMN_KIND_DIFFERS and UNKNOWN_CLASS, and NO_ROWS where the data has none.
 */
export function continueSchema(model: Schema, data: NewData, options: ContinueOptions): ContinuedSchema {
  const { memory, context, dialect, names, chunks, file } = data
  const matched = matchColumns(model, dialect, names, 'all', file)
  const { records, columns: statistics } = profileColumns(memory, context, chunks, names.length)
  if (records === 0) throw runError('NO_ROWS', `${file} has no rows`, 'give a CSV with at least one row')
  const { columns } = matched.schema
  checkKinds(model, data, columns, statistics)
  checkClasses(model, data, columns, options)
  return {
    schema: { ...model, dialect, ...opened(model, data, matched.places, options) },
    places: matched.places,
    inOrderOfData: matched.schema,
    warnings: [...passedOver(model, names, columns), ...otherScales(columns, statistics)],
  }
}

/** Refuses columns most of whose values the model cannot read: nearly every row would be a bad one. */
function checkKinds(
  { target }: Schema,
  { memory, context, chunks, dialect }: NewData,
  columns: readonly ColumnSchema[],
  statistics: readonly ColumnStatistics[],
): void {
  const kinds = columns.map(({ kind }) => kind)
  const readers = valueReaders(kinds, dialect.decimal)
  const missing = new Set(dialect.missingTokens)
  const profiles = profileValues(memory, context, chunks, columns.length, readers, missing)
  const expectedOf: Readonly<Partial<Record<ColumnSchema['kind'], string>>> = {
    number: 'numbers',
    boolean: 'true and false',
    date: 'dates',
    weight: 'weights',
    ...(target.kind === 'number' ? { target: 'numbers' } : {}),
  }
  columns.forEach(({ kind, name }, i) => {
    const expected = expectedOf[kind]
    const found = profiles.get(i)?.parts[0] ?? statistics[i]!
    if (expected === undefined || found.texts === 0 || looksNumeric(found)) return
    throw runError(
      'COLUMN_KIND_DIFFERS',
      `the initial model has learned column ${shown(name)} as ${expected}, but ${found.texts} of ${found.texts + found.numbers} sampled values are none`,
      'check --delimiter, --decimal and the order of the columns; or train anew, without --init-model',
      { column: name },
    )
  })
}

/** Refuses classes that the model has no score for, unless rows that cannot be read are left out. */
function checkClasses(
  { target }: Schema,
  { memory, context, chunks, dialect }: NewData,
  columns: readonly ColumnSchema[],
  { onBadRow }: ContinueOptions,
): void {
  if (target.kind === 'number' || onBadRow !== 'fail') return
  const { classes, name } = target
  const column = columns.findIndex(({ kind }) => kind === 'target')
  const missing = new Set(dialect.missingTokens)
  const counts = countValues(memory, context, chunks, columns.length, [column], missing).get(column)!
  const isKnown = (value: string): boolean =>
    areBooleans(classes) ? spellings.has(value) : classes.includes(value)
  const unknown = [...counts.keys()].find((value) => !isKnown(value))
  if (unknown === undefined) return
  throw runError(
    'UNKNOWN_CLASS',
    `the target ${shown(name)} has the class ${shown(unknown)}, which the initial model has not`,
    `${didYouMean(unknown, classes)}; --on-bad-row skip leaves such rows out; a model of more classes has to be trained anew, without --init-model`,
    { column: name },
  )
}

/** The columns and interactions with room for new values. Counts of the values, where the model has some, are those of other rows. */
function opened(
  model: Schema,
  data: NewData,
  places: ColumnPlaces,
  options: ContinueOptions,
): Pick<Schema, 'columns' | 'interactions'> {
  const { columns, interactions, sharedBuckets = 0 } = model
  const closed = options.freezePreprocessing || sharedBuckets > 0 || options.maxCategories === 0
  const counter = closed ? undefined : new NewValues(model, data, places)
  const open = <Slot extends CategorySlot>(slot: Slot, counts: ValueCounts | undefined): Slot => {
    const { counts: _c, others: _o, missing: _m, ...rest } = slot
    const room = counts === undefined ? 0 : roomToGrow(counts, slot.values.length, options.maxCategories)
    return { ...rest, room } as Slot
  }
  return {
    columns: columns.map((column) =>
      column.kind === 'category' ? open(column, counter?.ofColumn(column.name)) : column,
    ),
    interactions: interactions.map((interaction) => open(interaction, counter?.ofInteraction(interaction))),
  }
}

/** How often the values of categories occur in the sample: by it a column of row numbers is told from one of categories. */
class NewValues {
  readonly #counts: ReadonlyMap<number, ValueCounts>

  constructor(
    private readonly model: Schema,
    private readonly data: NewData,
    private readonly places: ColumnPlaces,
  ) {
    const wanted = model.columns.flatMap(({ kind }, i) => (kind === 'category' ? [places.of[i]!] : []))
    const { memory, context, chunks, names } = data
    this.#counts = countValues(memory, context, chunks, names.length, wanted, this.#missing)
  }

  ofColumn(name: string): ValueCounts {
    return this.#counts.get(this.#place(name))!
  }

  ofInteraction({ columns }: InteractionColumn): ValueCounts {
    const { categories } = interactionSides(this.model.columns, columns)!
    if (categories.length === 1) return this.ofColumn(categories[0]!)
    const { memory, context, chunks, names } = this.data
    const pair = [this.#place(columns[0]), this.#place(columns[1])] as const
    return countPairs(memory, context, chunks, names.length, [pair], this.#missing)[0]!
  }

  get #missing(): ReadonlySet<string> {
    return new Set(this.data.dialect.missingTokens)
  }

  #place(name: string): number {
    return this.places.of[this.model.columns.findIndex((column) => column.name === name)]!
  }
}

/** Columns that the model has never seen; those that it has left out are no news. */
function passedOver(model: Schema, names: readonly string[], columns: readonly ColumnSchema[]): string[] {
  const known = new Set(model.columns.map(({ name }) => name))
  const others = names.filter((name, i) => columns[i]!.kind === 'ignored' && !known.has(name))
  if (others.length === 0 || !model.dialect.header) return []
  return [
    `${others.length === 1 ? 'column' : 'columns'} ${others.map(shown).join(', ')}: not in the initial model, passed over`,
  ]
}

/** Scales of the model by which the mean of the sample may be off, and by which its deviation may be larger. */
const FAR_OFF = 4

/** Numbers are scaled as the model scales them: where they are of another size by now, it learns slowly, or wildly. */
function otherScales(columns: readonly ColumnSchema[], statistics: readonly ColumnStatistics[]): string[] {
  return columns.flatMap((column, i) => {
    if (column.kind !== 'number' || (column.mean === 0 && column.scale === 1)) return []
    const { mean, deviation, numbers } = statistics[i]!
    const off = Math.abs(mean - column.mean) > FAR_OFF * column.scale || deviation > FAR_OFF * column.scale
    if (numbers === 0 || !off) return []
    const size = (of: number, spread: number): string => `${of.toPrecision(4)} ± ${spread.toPrecision(2)}`
    return [
      `column ${shown(column.name)} is ${size(mean, deviation)}, and was ${size(column.mean, column.scale)} for the initial model, which scales it still: is the unit the same? Else train anew`,
    ]
  })
}
