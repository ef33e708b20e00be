import { type MillraceError, runError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { fromUtf16 } from './transcode.js'

/** A row; its keys are the columns. */
export type RowObject = Readonly<Record<string, unknown>>

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
    if (this.names.length === 0) throw notARow(1, 'has no keys')
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

function field(value: unknown, column: string, number: number): string {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? '' : String(value)
    case 'string':
      return quoted(value)
    case 'undefined':
      return ''
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? '' : objectField(value, column, number)
    default:
      throw noField(typeof value, column, number)
  }
}

function objectField(value: object, column: string, number: number): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  if (value instanceof Uint8Array)
    return quoted(Buffer.from(value.buffer, value.byteOffset, value.length).toString())
  try {
    return quoted(
      JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
    )
  } catch (cause) {
    throw noField((cause as Error).message, column, number, cause)
  }
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

function checkRow(row: unknown, number: number): void {
  if (row === null) throw notARow(number, 'is null')
  if (typeof row !== 'object') throw notARow(number, `is a ${typeof row}`)
  if (Array.isArray(row) || ArrayBuffer.isView(row)) {
    throw notARow(number, Array.isArray(row) ? 'is an array' : 'is bytes')
  }
}

function notARow(number: number, what: string): MillraceError {
  return runError('NOT_A_ROW', `row ${number} ${what}`, 'give rows as objects: { column: value, … }')
}

function noField(what: string, column: string, number: number, cause?: unknown): MillraceError {
  return runError(
    'NOT_A_VALUE',
    `row ${number} has a value that cannot be written as text: ${what}`,
    'give numbers, texts, booleans, dates or null',
    { column },
    cause,
  )
}
