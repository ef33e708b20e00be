import { runError } from '../errors.js'
import { decimal } from './reference-parser.js'
import type { ValueCounts } from './sample.js'

/** A column holds separators where at least this share of its values are numbers, with separators or without … */
const SHARE_OF_NUMBERS = 0.75
/** … and this share of its texts have separators. */
const SHARE_OF_TEXTS = 0.75

/** 1,234.50 and 12,34,567 (India); 1.234,50; 1 234.50 and 1'234,50, with blanks and apostrophes of several kinds. */
const GROUPED = [
  /^[-+]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$/,
  /^[-+]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$/,
  /^[-+]?\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?:[.,]\d*)?$/,
]
const DECIMAL_COMMA = /^[-+]?(?:\d+,\d*|,\d+)(?:[eE][-+]?\d+)?$/

const isGrouped = (text: string): boolean => GROUPED.some((pattern) => pattern.test(text))
const hasComma = (text: string): boolean => DECIMAL_COMMA.test(text)

/**
 * Refuses a column of numbers that are written with thousands separators, or with a decimal comma where a point is
 * expected: as texts they would teach nothing. `otherwise` is how to read them as texts all the same.
 *
 * Throws THOUSANDS_SEPARATORS or DECIMAL_COMMAS, with the value that is met most.
 */
export function refuseSeparators(column: string, counts: ValueCounts, otherwise: string): void {
  const separated = separatedNumbers(counts)
  if (separated === undefined) return
  // 1,234 may be either; it is a thousand where nothing in the column says that it is not.
  const commas = separated.filter((text) => hasComma(text) && !isGrouped(text))
  const example = commas[0] ?? separated[0]!
  const [code, what, hint] =
    commas.length > 0
      ? ['DECIMAL_COMMAS', 'decimal commas', '--decimal comma reads them']
      : ['THOUSANDS_SEPARATORS', 'thousands separators', withoutSeparators(example)]
  throw runError(
    code,
    `expected numbers such as 1234.5, found numbers with ${what}: ${JSON.stringify(example)}`,
    `${hint}; ${otherwise}`,
    { column },
  )
}

/** Whether refuseSeparators refuses the column. */
export function hasSeparators(counts: ValueCounts): boolean {
  return separatedNumbers(counts) !== undefined
}

/** The numbers with separators of a column, the most frequent first; undefined where it is not a column of such numbers. */
function separatedNumbers(counts: ValueCounts): string[] | undefined {
  const byFrequency = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const separated: string[] = []
  let [numbers, texts, found] = [0, 0, 0]
  for (const [value, count] of byFrequency) {
    const text = value.trim()
    if (!Number.isNaN(decimal(text))) {
      numbers += count
      continue
    }
    texts += count
    if (!isGrouped(text) && !hasComma(text)) continue
    separated.push(text)
    found += count
  }
  const enough = found >= SHARE_OF_TEXTS * texts && found + numbers >= SHARE_OF_NUMBERS * (texts + numbers)
  return found > 0 && enough ? separated : undefined
}

/** `remove them (1234.50)`, and where a comma is left, how to read that. */
function withoutSeparators(text: string): string {
  const marks = text.match(/[^-+\d]/g)!
  // What stands before the fraction is the last of the marks, and of another kind than those before it.
  const cut = marks.at(-1) === marks[0] ? text.length : text.lastIndexOf(marks.at(-1)!)
  const plain = text.slice(0, cut).replace(/[^-+\d]/g, '') + text.slice(cut)
  return `remove them (${plain})${plain.includes(',') ? ' and use --decimal comma' : ''}`
}
