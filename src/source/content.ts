/** What the first bytes of an input say it is; names say nothing. */
export type Content = 'gzip' | 'zstd' | 'parquet' | 'utf-16le' | 'utf-16be' | 'utf-8'

/** Bytes that `contentOf` looks at. */
export const CONTENT_BYTES = 5

/**
 * Tells content by its first bytes: magic numbers (RFC 1952, RFC 8878, Parquet), a byte order mark of UTF-16, or two
 * characters of Latin script in UTF-16 without one. Anything else is taken for UTF-8.
 */
export function contentOf(first: Uint8Array): Content {
  const [a, b, c, d, e] = first
  if (a === 0x1f && b === 0x8b) return 'gzip'
  if (b === 0xb5 && c === 0x2f && d === 0xfd && a === 0x28) return 'zstd'
  // A skippable frame may come first.
  if (b === 0x2a && c === 0x4d && d === 0x18 && a! >>> 4 === 5) return 'zstd'
  // A column may be called PAR1, but no line of text goes on with what a page header starts with.
  if (a === 0x50 && b === 0x41 && c === 0x52 && d === 0x31 && e === 0x15) return 'parquet'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (isText(a) && b === 0 && isText(c) && d === 0) return 'utf-16le'
  if (a === 0 && isText(b) && c === 0 && isText(d)) return 'utf-16be'
  return 'utf-8'
}

function isText(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x09 && byte < 0x80
}
