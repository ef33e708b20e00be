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
export function usageError(code: string, message: string, hint: string): MillraceError {
  return new MillraceError(code, 'usage', message, hint)
}

/** The run failed: bad data, a missing file, a full disk. The command ends with 1. */
export function runError(code: string, message: string, hint: string, place: Place = {}, cause?: unknown): MillraceError {
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
