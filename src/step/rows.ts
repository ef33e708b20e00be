/** Encoded rows: what the parser writes and the five steps read. One row is `strideWords` words of 32 bits. */

/** Numbers of one precision: f32 where they lie in shared memory, f64 in tests and finite differences. */
export type FloatVector = Float32Array | Float64Array

/** Where the parts of an encoded row lie, in words from its first. */
export interface RowLayout {
  /** D: dense features, from word 0. */
  readonly dense: number
  /** D rounded up to a multiple of 4; the words between are 0. */
  readonly denseWords: number
  /** C: category indices (u32), from word denseWords. */
  readonly categories: number
  /** For each of the last categories, those whose weights a dense feature multiplies: the word of that feature. */
  readonly factors: readonly number[]
  readonly labelWord: number
  readonly weightWord: number
  /** Words from one row to the next: a multiple of 4, so that rows start at multiples of 16 bytes. */
  readonly strideWords: number
}

/** A run of encoded rows; both views lie on the same bytes, nothing is copied. */
export interface EncodedRows {
  readonly layout: RowLayout
  /** Dense features, labels and weights. */
  readonly words: FloatVector
  /** The same words as u32: the category indices. */
  readonly indices: Uint32Array
  /** Where the first row starts. */
  readonly firstWord: number
  readonly count: number
}

/** The smallest multiple of 4 that is not below `words`. */
export function roundUpToFour(words: number): number {
  return Math.ceil(words / 4) * 4
}

/** Lays out a row of D dense features and C categories: features, indices, label, weight, and padding to 16 bytes. */
export function rowLayout(dense: number, categories: number, factors: readonly number[] = []): RowLayout {
  const denseWords = roundUpToFour(dense)
  const labelWord = denseWords + categories
  const weightWord = labelWord + 1
  const strideWords = roundUpToFour(weightWord + 1)
  return { dense, denseWords, categories, factors, labelWord, weightWord, strideWords }
}

/** A category slot whose weights a dense feature multiplies, by its words in a row. */
export interface ScaledSlot {
  readonly slotWord: number
  readonly factorWord: number
}

/** The last categories of a row, those that are scaled; the others come before them. */
export function scaledSlots({ denseWords, categories, factors }: RowLayout): ScaledSlot[] {
  const first = denseWords + categories - factors.length
  return factors.map((factorWord, i) => ({ slotWord: first + i, factorWord }))
}

/** Number of the categories that are not scaled. */
export function plainCategories({ categories, factors }: RowLayout): number {
  return categories - factors.length
}

/** Word of row r's first feature. */
export function rowStart(rows: EncodedRows, row: number): number {
  return rows.firstWord + row * rows.layout.strideWords
}

/** Index of row r's category c: its place in v, counted over all category columns. */
export function categoryIndex(rows: EncodedRows, row: number, category: number): number {
  return rows.indices[rowStart(rows, row) + rows.layout.denseWords + category]!
}

/** What multiplies the weights of row r's category c: 1, or a dense feature. */
export function categoryFactor(rows: EncodedRows, row: number, category: number): number {
  const factor = rows.layout.factors[category - plainCategories(rows.layout)]
  return factor === undefined ? 1 : rows.words[rowStart(rows, row) + factor]!
}

/** y of row r. */
export function labelOf(rows: EncodedRows, row: number): number {
  return rows.words[rowStart(rows, row) + rows.layout.labelWord]!
}

/** Weight of row r. */
export function weightOf(rows: EncodedRows, row: number): number {
  return rows.words[rowStart(rows, row) + rows.layout.weightWord]!
}
