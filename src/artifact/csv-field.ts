/** Blanks around a field, and a byte order mark at the start of a file, are passed over where they are not in quotes. */
const needsQuotes = /[",\r\n]|^[\t ]|[\t ]$|^\xef\xbb\xbf/

/**
 * One field of a CSV that is separated by commas (RFC 4180), in Latin-1 (a character a byte of UTF-8), in quotes where it must be.
 * What a spreadsheet would take for a formula (`=1+1`) is data, and stays as it is. The kernel's twin: workers/kernel/lines.ts.
 */
export function csvField(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
