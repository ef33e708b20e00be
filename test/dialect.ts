import type { Dialect } from '../src/schema/schema.js'

/** Commas, double quotes, decimal points, a header, and no word for "missing": what most test inputs are written in. */
export const commas: Dialect = {
  delimiter: ',',
  quote: '"',
  comment: undefined,
  decimal: '.',
  header: true,
  missingTokens: [],
}
