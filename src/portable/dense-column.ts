import type { MillraceError } from '../errors.js'
import { parseBoolean } from '../schema/booleans.js'
import { parseDate } from '../schema/dates.js'
import { decimal } from '../schema/decimal.js'
import { isNumber, type DecimalMark, type DenseColumn, type Scaling } from '../schema/schema.js'

/** Why a value is none of its column, as the codes of bad rows have it. */
export type ValueFault = 'NOT_A_NUMBER' | 'NOT_A_BOOLEAN' | 'NOT_A_DATE' | 'OUT_OF_RANGE'

/** The numbers of a value that is not missing: one, or those of a date; throws `fault` of what is wrong with it. */
export function numbersOf(
  kind: DenseColumn['kind'],
  value: unknown,
  text: string,
  mark: DecimalMark,
  fault: (fault: ValueFault) => MillraceError,
): readonly number[] {
  // −0 is written as 0.
  const number = Number.isFinite(value) ? (value as number) + 0 : decimal(text, mark)
  if (kind === 'date') {
    const date = parseDate(text, number)
    if (date === undefined) throw fault('NOT_A_DATE')
    return date
  }
  if (kind === 'boolean') {
    const truth = parseBoolean(text, number)
    if (truth === undefined) throw fault('NOT_A_BOOLEAN')
    return [truth]
  }
  if (Number.isNaN(number)) throw fault('NOT_A_NUMBER')
  return [number]
}

/**
 * Writes the features of a column from `word` on: (number − mean) / scale, rounded to f32, for each number; `numbers` are
 * undefined where the value is missing.
 */
export function storeFeatures(
  words: Float32Array,
  word: number,
  column: DenseColumn,
  numbers: readonly number[] | undefined,
  fault: (fault: ValueFault) => MillraceError,
): void {
  const scalings: readonly Scaling[] = isNumber(column) ? [column] : column.parts
  scalings.forEach(({ mean, scale, fill }, i) => {
    if (numbers === undefined) {
      words[word++] = fill
      return
    }
    const scaled = (numbers[i]! - mean) * (1 / scale)
    if (!Number.isFinite(scaled)) throw fault('OUT_OF_RANGE')
    const limit = column.limit ?? Infinity
    words[word] = Math.min(Math.max(scaled, -limit), limit)
    if (!Number.isFinite(words[word++])) throw fault('OUT_OF_RANGE')
  })
  if (column.indicator) words[word] = numbers === undefined ? 1 : 0
}

/** Dense features of a column. */
export function featureCount(column: DenseColumn): number {
  return (isNumber(column) ? 1 : column.parts.length) + (column.indicator ? 1 : 0)
}
