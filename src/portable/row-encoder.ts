import { runError, shown, type MillraceError } from '../errors.js'
import { withoutBlanks } from '../schema/decimal.js'
import { factorWords, interactionSides, pairValue } from '../schema/interactions.js'
import { isDense, type CategoryColumn, type DenseColumn, type Schema } from '../schema/schema.js'
import { rowName, valueText, type RowObject } from '../schema/value-text.js'
import { rowLayout, type RowLayout } from '../step/rows.js'
import { didYouMean } from '../suggest.js'
import { categorySlots, type CategoryIndex } from './category-slots.js'
import { featureCount, numbersOf, storeFeatures, type ValueFault } from './dense-column.js'

/** One encoded row; both views lie on the same words. */
export interface EncodedRow {
  readonly words: Float32Array
  readonly indices: Uint32Array
}

/** A feature column, and its first word in an encoded row. */
type PlacedColumn = (DenseColumn | CategoryColumn) & { readonly word: number }

const halfOfPair = /\p{Surrogate}/u

const expectedValues: Readonly<Record<ValueFault, string>> = {
  NOT_A_NUMBER: 'a number',
  NOT_A_BOOLEAN: 'true or false (yes, no, t, f)',
  NOT_A_DATE: 'a date (ISO 8601, or seconds or milliseconds since 1970)',
  OUT_OF_RANGE: 'a number that fits into 32 bits once it is standardised',
}

/**
 * Row objects → encoded rows, as the parser makes them from the fields of a CSV (workers/kernel/encode.ts): the same bits
 * from the texts of the fields.
 *
 * A number may be given as a number, a date as a Date; null, undefined, NaN and '' are missing.
 */
export class RowEncoder {
  readonly layout: RowLayout
  readonly #schema: Schema
  readonly #missing: ReadonlySet<string>
  readonly #columns: readonly PlacedColumn[]
  readonly #slots: readonly CategoryIndex[]
  readonly #interactions: readonly (readonly string[])[]
  readonly #row: EncodedRow

  constructor(schema: Schema) {
    this.#schema = schema
    this.#missing = new Set(['', ...schema.dialect.missingTokens])
    this.#slots = categorySlots(schema)
    const features = schema.columns.filter((column) => isDense(column) || column.kind === 'category')
    const dense = features.reduce((sum, column) => sum + (isDense(column) ? featureCount(column) : 0), 0)
    this.layout = rowLayout(dense, this.#slots.length, factorWords(schema))
    let [word, slot] = [0, this.layout.denseWords]
    this.#columns = features.map((column) => {
      if (!isDense(column)) return { ...column, word: slot++ }
      word += featureCount(column)
      return { ...column, word: word - featureCount(column) }
    })
    this.#interactions = schema.interactions.map(
      ({ columns }) => interactionSides(schema.columns, columns)!.categories,
    )
    const words = new Float32Array(this.layout.strideWords)
    this.#row = { words, indices: new Uint32Array(words.buffer) }
  }

  /**
   * Valid until the next call. `number` is that of the row among several, for messages.
   *
   * Throws a MillraceError that names the column where a feature is no key of the row, or its value none of its kind.
   */
  encode(row: RowObject, number?: number): EncodedRow {
    const texts = new Map<string, string | undefined>()
    for (const column of this.#columns) {
      const { name } = column
      const value = valueOf(row, name, number)
      const text = valueText(value, name, number)
      const isMissing = this.#missing.has(withoutBlanks(text))
      if (column.kind === 'category') {
        if (halfOfPair.test(text)) throw notText(name, number)
        texts.set(name, isMissing ? undefined : text)
        this.#storeCategory(column.word, texts.get(name))
      } else {
        const fault = (code: ValueFault): MillraceError => noValue(code, name, text, number)
        const mark = this.#schema.dialect.decimal
        const numbers = isMissing ? undefined : numbersOf(column.kind, value, text, mark, fault)
        storeFeatures(this.#row.words, column.word, column, numbers, fault)
      }
    }
    this.#storeInteractions(texts)
    return this.#row
  }

  #storeInteractions(texts: ReadonlyMap<string, string | undefined>): void {
    const { denseWords, categories } = this.layout
    const first = denseWords + categories - this.#interactions.length
    this.#interactions.forEach((names, i) => {
      const [one, other] = names.map((name) => texts.get(name))
      const pair = one === undefined || other === undefined ? undefined : pairValue(one, other)
      this.#storeCategory(first + i, names.length === 1 ? one : pair)
    })
  }

  #storeCategory(word: number, value: string | undefined): void {
    this.#row.indices[word] = this.#slots[word - this.layout.denseWords]!(value)
  }
}

function valueOf(row: RowObject, column: string, number: number | undefined): unknown {
  if (Object.hasOwn(row, column)) return row[column]
  const message = `${rowName(number)} has no ${shown(column)}, a feature of the model`
  const hint = `${didYouMean(column, Object.keys(row))}; a value that is not known is null`
  throw runError('MISSING_COLUMN', message, hint, { column })
}

function noValue(code: ValueFault, column: string, text: string, row: number | undefined): MillraceError {
  const message = `${rowName(row)}: expected ${expectedValues[code]}, found ${shown(text)}`
  return runError(code, message, 'a value that is not known is null', { column })
}

function notText(column: string, row: number | undefined): MillraceError {
  const message = `${rowName(row)}: expected text, found half of a surrogate pair`
  return runError('INVALID_UTF8', message, 'was a text cut within a character?', { column })
}
