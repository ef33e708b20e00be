import { runError } from '../errors.js'
import { decimal } from './decimal.js'
import type { ValueCounts } from './sample.js'
import type { DecimalMark } from './schema.js'

/** A column holds separators where at least this share of its values are numbers, with separators or without … */
const SHARE_OF_NUMBERS = 0.75
/** … and this share of its texts have separators. */
const SHARE_OF_TEXTS = 0.75

/** 1,234.50 and 12,34,567 (India); 1.234,50; 1 234.50 and 1'234,50, with blanks and apostrophes of several kinds. */
const GROUPED = [
  /^[-+]?[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$/,
  /^[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?$/,
  /^[-+]?[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?:[.,]\d*)?$/,
]
/** Numbers with the one mark or the other before their fraction. */
const FRACTIONS = {
  '.': /^[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?$/,
  ',': /^[-+]?(?:\d+,\d*|,\d+)(?:[eE][-+]?\d+)?$/,
}
const NAMES = { '.': 'point', ',': 'comma' }

const isGrouped = (text: string): boolean => GROUPED.some((pattern) => pattern.test(text))
const otherMark = (mark: DecimalMark): DecimalMark => (mark === '.' ? ',' : '.')

/**
 * Refuses a column of numbers that are written with thousands separators, or with another decimal mark than is expected:
 * as texts they would teach nothing. `otherwise` is how to read them as texts all the same.
 *
 * Throws THOUSANDS_SEPARATORS, DECIMAL_COMMAS or DECIMAL_POINTS, with the value that is met most.
 */
export function refuseSeparators(
  column: string,
  counts: ValueCounts,
  mark: DecimalMark,
  otherwise: string,
): void {
  const separated = separatedNumbers(counts, mark)
  if (separated === undefined) return
  // 1,234 may be either; it is a thousand where nothing in the column says that it is not.
  const other = otherMark(mark)
  const marked = separated.filter((text) => FRACTIONS[other].test(text) && !isGrouped(text))
  const example = marked[0] ?? separated[0]!
  const [code, what, hint] =
    marked.length > 0
      ? [
          `DECIMAL_${NAMES[other].toUpperCase()}S`,
          `decimal ${NAMES[other]}s`,
          `--decimal ${NAMES[other]} reads them`,
        ]
      : ['THOUSANDS_SEPARATORS', 'thousands separators', withoutSeparators(example, mark)]
  throw runError(
    code,
    `expected numbers such as 1234${mark}5, found numbers with ${what}: ${JSON.stringify(example)}`,
    `${hint}; ${otherwise}`,
    { column },
  )
}

/** How to read a value that is a number but for its separators or its decimal mark; undefined for any other. */
export function separatorHint(value: string, mark: DecimalMark): string | undefined {
  const text = value.trim()
  const other = otherMark(mark)
  if (isGrouped(text))
    return `it looks like a number with thousands separators: ${withoutSeparators(text, mark)}`
  if (!FRACTIONS[other].test(text)) return undefined
  return `it looks like a number with a decimal ${NAMES[other]}: --decimal ${NAMES[other]} reads such numbers`
}

/** Whether refuseSeparators refuses the column. */
export function hasSeparators(counts: ValueCounts, mark: DecimalMark): boolean {
  return separatedNumbers(counts, mark) !== undefined
}

/** The numbers with separators of a column, the most frequent first; undefined where it is not a column of such numbers. */
function separatedNumbers(counts: ValueCounts, mark: DecimalMark): string[] | undefined {
  const separated: [text: string, count: number][] = []
  let [numbers, texts, found] = [0, 0, 0]
  for (const [value, count] of counts) {
    const text = value.trim()
    if (!Number.isNaN(decimal(text, mark))) {
      numbers += count
      continue
    }
    texts += count
    if (!isGrouped(text) && !FRACTIONS[otherMark(mark)].test(text)) continue
    separated.push([text, count])
    found += count
  }
  const enough = found >= SHARE_OF_TEXTS * texts && found + numbers >= SHARE_OF_NUMBERS * (texts + numbers)
  if (found === 0 || !enough) return undefined
  separated.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return separated.map(([text]) => text)
}

/** `remove them (1234.50)`, and where a comma is left, how to read that. */
function withoutSeparators(text: string, mark: DecimalMark): string {
  const other = otherMark(mark)
  const marks = text.match(/[^-+\d]/g)!
  // What stands before the fraction is the last of the marks, and of another kind than those before it.
  const cut = marks.at(-1) === marks[0] ? text.length : text.lastIndexOf(marks.at(-1)!)
  const plain = text.slice(0, cut).replace(/[^-+\d]/g, '') + text.slice(cut)
  return `remove them (${plain})${plain.includes(other) ? ` and use --decimal ${NAMES[other]}` : ''}`
}
