/**
 * Every error a user can meet: what was expected, what was found, where, and what to do.
 * `usage` errors (wrong option, misspelt column) end the command with 2, `run` errors with 1.
 */
export type ErrorKind = 'usage' | 'run'

/** Where in the input something was found. Lines and columns count from 1, bytes from 0. */
export interface Place {
  file?: string
  line?: number
  /** Byte offset of the record or field in the file. */
  byte?: number
  /** Name of the CSV column. */
  column?: string
  step?: number
  shard?: number
  /** Name of the option, as in the library; the message begins with it. */
  option?: string
}

/** An error that is the user's to mend, not a fault of millrace; it is shown without a stack trace. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    readonly hint: string,
    readonly place: Place = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Wrong use: an option, a column name, an argument. The command ends with 2. */
export function usageError(code: string, message: string, hint: string, place: Place = {}): MillraceError {
  return new MillraceError(code, 'usage', message, hint, place)
}

/** The run failed: bad data, a missing file, a full disk. The command ends with 1. */
export function runError(
  code: string,
  message: string,
  hint: string,
  place: Place = {},
  cause?: unknown,
): MillraceError {
  return new MillraceError(code, 'run', message, hint, place, cause === undefined ? undefined : { cause })
}

/** `flights.csv, line 12, byte 431, column "hour"`, as much of it as is known. */
export function describePlace(place: Place): string {
  const parts: string[] = []
  if (place.file !== undefined) parts.push(place.file)
  if (place.line !== undefined) parts.push(`line ${place.line}`)
  if (place.byte !== undefined) parts.push(`byte ${place.byte}`)
  if (place.column !== undefined) parts.push(`column ${JSON.stringify(place.column)}`)
  if (place.step !== undefined) parts.push(`step ${place.step}`)
  if (place.shard !== undefined) parts.push(`shard ${place.shard}`)
  return parts.join(', ')
}

/**
 * Control characters, halves of surrogate pairs, and what is not seen: breaks, marks that turn the writing direction, spaces
 * of no width. The selectors that make an emoji of a sign are left.
 */
const invisible =
  /(?!\p{Variation_Selector})[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Text from a file or a command line, safe to print: what a terminal would carry out, or not show, is escaped. */
export function printable(text: string): string {
  return text.replace(invisible, (character) => {
    const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
    const code = character.codePointAt(0)!.toString(16)
    return named[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`)
  })
}

/** The same for a text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A path as a message shows it: whole, however long it is, in quotes, escaped. */
export function shownPath(path: string): string {
  return `"${printable(path.replaceAll('"', '\\"'))}"`
}

/** A value as a message shows it: text in quotes, escaped, cut after 60 characters. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > 60 ? `${value.slice(0, 60).replace(/[\ud800-\udbff]$/, '')}…` : value
    return `"${printable(cut.replaceAll('"', '\\"'))}"`
  }
  if (Array.isArray(value))
    return `[${value.slice(0, 5).map(shown).join(', ')}${value.length > 5 ? ', …' : ''}]`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
