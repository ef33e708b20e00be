/** Decimal text → number, as ECMAScript reads it: what workers/kernel/number.ts does, in its plainest form. */
import type { DecimalMark } from './schema.js'

const NUMBER = /^[ \t]*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?[ \t]*$/
const BLANKS = /^[ \t]+|[ \t]+$/g

/** Decimal text → the nearest f64, NaN where it is no number (words such as `inf` and hexadecimal are not). */
export function decimal(text: string, mark: DecimalMark): number {
  if (mark === ',') return text.includes('.') ? NaN : decimal(text.replace(',', '.'), '.')
  return NUMBER.test(text) ? Number(text) : NaN
}

/** Text without the spaces and tabs around it. */
export function withoutBlanks(text: string): string {
  return text.replace(BLANKS, '')
}
