import { runError } from '../errors.js'
import { checkRow, valueText, type RowObject } from '../schema/value-text.js'
import { didYouMean } from '../suggest.js'
import { fromUtf16 } from './transcode.js'

/** Characters of text that are gathered before they become bytes. */
const CHUNK_CHARACTERS = 64 << 10

const encoder = new TextEncoder()

/** Rows that come one after the other → the bytes of a CSV. */
export async function* csvOfRows(
  rows: AsyncIterable<RowObject> | Iterable<RowObject>,
): AsyncGenerator<Uint8Array> {
  const writer = new RowWriter()
  if (Symbol.iterator in rows) yield* writer.write(rows)
  else for await (const row of rows) yield* writer.write([row])
  yield* writer.end()
}

/**
 * Writes rows as CSV (RFC 4180: comma, double quotes, LF). The columns are the keys of the first row; a key that a later
 * row lacks is an empty field.
 *
 * null, undefined and NaN are empty fields; a date is ISO 8601; bytes are text as they are; other objects are JSON.
 *
 * @throws MillraceError naming the row, counted from 1, where it has a key that the first has not, or is no object.
 */
export class RowWriter {
  #columns: Columns | undefined
  #text = ''
  #rows = 0

  /** What has been written and not been given out. */
  end(): Uint8Array[] {
    return this.#text === '' ? [] : [toBytes(this.#text)]
  }

  /** Gives out bytes when there are enough of them. */
  *write(rows: Iterable<RowObject>): Generator<Uint8Array> {
    for (const row of rows) {
      const number = ++this.#rows
      checkRow(row, number)
      if (this.#columns === undefined) {
        this.#columns = new Columns(Object.keys(row))
        this.#text = this.#columns.header()
      }
      this.#text += this.#columns.record(row, number)
      if (this.#text.length < CHUNK_CHARACTERS) continue
      yield toBytes(this.#text)
      this.#text = ''
    }
  }
}

class Columns {
  readonly #known: ReadonlySet<string>

  constructor(private readonly names: readonly string[]) {
    this.#known = new Set(names)
  }

  header(): string {
    if (this.names.length === 0) {
      throw runError('NOT_A_ROW', 'row 1 has no keys', 'give rows as objects: { column: value, … }')
    }
    return this.#line(this.names.map(quoted))
  }

  record(row: RowObject, number: number): string {
    for (const key in row) {
      if (this.#known.has(key) || !Object.hasOwn(row, key)) continue
      throw runError(
        'UNKNOWN_KEY',
        `row ${number} has the key ${JSON.stringify(key)}, which the first row has not`,
        didYouMean(key, this.names),
        { column: key },
      )
    }
    const own = (name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined)
    return this.#line(this.names.map((name) => field(own(name), name, number)))
  }

  /** A line of one empty field would be a blank line, which is no record. */
  #line(fields: readonly string[]): string {
    return `${fields.length === 1 && fields[0] === '' ? '""' : fields.join(',')}\n`
  }
}

/** Numbers and the like hold nothing that would have to be quoted. */
function field(value: unknown, column: string, number: number): string {
  const text = valueText(value, column, number)
  return typeof value === 'string' || typeof value === 'object' ? quoted(text) : text
}

/** Blanks around a field, and a byte order mark, would not be part of it. */
const needsQuotes = /[",\r\n]|^[\s\ufeff]|\s$/

function quoted(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const halfOfPair = /\p{Surrogate}/u

/** Half a surrogate pair has no UTF-8: it becomes a byte that is not UTF-8 either, so that its row is reported as bad. */
function toBytes(text: string): Uint8Array {
  if (!halfOfPair.test(text)) return encoder.encode(text)
  const units = Buffer.from(text, 'utf16le')
  const bytes = new Uint8Array(2 * units.length)
  const [, written] = fromUtf16('le')(units, bytes, true)
  return bytes.subarray(0, written)
}
