/** Requests for the rest of a file, and what the answers say of it. Source: RFC 9110, "HTTP Semantics", 2022, sections 13 and 14. */
import { runError, type MillraceError } from '../errors.js'

/** What tells a file on a server from itself after a change. */
export interface Version {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  /** Bytes; undefined where the server does not say. */
  readonly size: number | undefined
  /** Whether it came compressed for the way: positions in the text are then unknown to the server. */
  readonly encoded: boolean
}

export interface Answer {
  readonly version: Version
  /** Position of the first byte of the body. */
  readonly start: number
  readonly body: AsyncIterable<Uint8Array>
}

/** Arguments of fetch for a file from byte `from` on, provided that it is still the same version. */
export function requestOf(
  url: URL,
  from: number,
  version: Version | undefined,
  signal: AbortSignal,
): [string, RequestInit] {
  // Positions count the bytes that are sent: they must be those of the file.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (from > 0 && version?.encoded === false) {
    headers.range = `bytes=${from}-`
    const isStrong = version.etag !== undefined && !version.etag.startsWith('W/')
    const validator = isStrong ? version.etag : version.lastModified
    if (validator !== undefined) headers['if-range'] = validator
  }
  // fetch refuses addresses with a user in them.
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  if (bare.href !== url.href) {
    const credentials = `${unescaped(url.username)}:${unescaped(url.password)}`
    headers.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  }
  return [bare.href, { headers, signal }]
}

/** As it was typed, where the typist did not escape it. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * @throws MillraceError where the server refuses, or has another version than at first; Error where trying again may
 * help.
 */
export function readAnswer(
  response: Response,
  file: string,
  from: number,
  known: Version | undefined,
): Answer {
  const { status, headers, body } = response
  if (known !== undefined && (status === 429 || status >= 500))
    throw new Error(`the server answered ${status}`)
  const range = contentRange(headers.get('content-range'))
  if (!response.ok && !(known !== undefined && status === 416)) throw refused(file, response)
  const encoding = headers.get('content-encoding') ?? 'identity'
  const encoded = encoding !== 'identity'
  const version = {
    etag: headers.get('etag') ?? undefined,
    lastModified: headers.get('last-modified') ?? undefined,
    size: encoded ? undefined : status === 200 ? lengthOf(headers) : range?.size,
    encoded,
  }
  if (known !== undefined) checkSame(file, known, version)
  if (status === 416) throw refused(file, response)
  const start = status === 206 ? range?.start : 0
  if (start === undefined || start > from) throw new Error('the server sent another range than was asked for')
  return { version, start, body: body ?? nothing() }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An answer without a body is empty.
}

function checkSame(file: string, known: Version, now: Version): void {
  for (const [field, name] of [
    ['etag', 'ETag'],
    ['lastModified', 'Last-Modified'],
    ['size', 'size'],
  ] as const) {
    if (known[field] === undefined || now[field] === undefined || known[field] === now[field]) continue
    throw changed(file, `its ${name} was ${known[field]} and is ${now[field]} now`)
  }
}

/** `bytes 100-199/1000`; what is not known is an asterisk. */
function contentRange(
  header: string | null,
): { start: number | undefined; size: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header ?? '')
  if (match === null) return undefined
  const [, start, size] = match
  return {
    start: start === undefined ? undefined : Number(start),
    size: size === '*' ? undefined : Number(size),
  }
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  return length === null ? undefined : Number(length)
}

function refused(file: string, { status, statusText }: Response): MillraceError {
  return runError(
    'DOWNLOAD_FAILED',
    `${file}: the server answered ${status}${statusText === '' ? '' : ` ${statusText}`}`,
    hints[status] ?? 'check the address',
    { file },
  )
}

const hints: Readonly<Record<number, string>> = {
  401: 'it wants a user and a password: https://user:password@host/…',
  403: 'you may not read it: check the address and its signature',
  404: 'there is no such file: check the address',
  429: 'it is asked too often: try again later',
  503: 'it is busy: try again later',
}

export function changed(file: string, what: string): MillraceError {
  return runError(
    'INPUT_CHANGED',
    `${file} changed while it was downloaded: ${what}`,
    'run again when nothing writes to it',
    { file },
  )
}
