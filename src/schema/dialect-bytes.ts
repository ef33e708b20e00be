import type { Dialect as DialectBytes } from './reference-records.js'
import type { Dialect } from './schema.js'

/** The characters of a dialect as bytes; 0 stands for none. */
export function dialectBytes({
  delimiter,
  quote,
  comment,
}: Pick<Dialect, 'delimiter' | 'quote' | 'comment'>): DialectBytes {
  return { delimiter: code(delimiter), quote: code(quote), comment: code(comment) }
}

function code(character: string | undefined): number {
  return character === undefined ? 0 : character.charCodeAt(0)
}
