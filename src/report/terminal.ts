/** Where a command writes, and how wide and colourful that is. */

import picocolors from 'picocolors'

export interface Output {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  /** Columns and rows as the terminal has them now, before it has told of a change. */
  getWindowSize?(): [columns: number, rows: number]
  on?(event: 'resize', listener: () => void): unknown
  off?(event: 'resize', listener: () => void): unknown
}

/** In cells. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface Terminal {
  /** Data, and nothing else. */
  readonly out: Output
  /** Everything a person reads. */
  readonly err: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls the listener before the process is put aside (Ctrl-Z); returns what takes it away. */
  readonly onPutAside?: (listener: () => void) => () => void
}

export type Colors = ReturnType<typeof picocolors.createColors>

/** Colours of an output: on a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb. */
export function colorsOf(output: Output, env: Terminal['env']): Colors {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const capable = output.isTTY === true && env['TERM'] !== 'dumb'
  return picocolors.createColors(!env['NO_COLOR'] && (forced || capable))
}

/** Whether a line can be written over. */
export function isLive(output: Output, env: Terminal['env']): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

/** Columns of an output; 100 where it is no terminal. */
export function widthOf(output: Output): number {
  const columns = output.columns
  return columns !== undefined && columns > 0 ? columns : 100
}

/** Size of a terminal; that of the oldest ones where it tells none. */
export function sizeOf(output: Output): Size {
  const [columns, rows] = output.getWindowSize?.() ?? [output.columns ?? 0, output.rows ?? 0]
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 }
}

/** What bars and sparklines are drawn with. */
export interface Marks {
  readonly full: string
  readonly empty: string
  /** From the smallest to the greatest. */
  readonly levels: string
}

/** Block characters where the locale has them (POSIX: the first of three variables that is set), else ASCII. */
export function marksOf(env: Terminal['env'], platform: string = process.platform): Marks {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  // Windows has no such variables, and terminals that show Unicode since 2019; the console of Linux has 256 characters.
  const isUnicode = (platform === 'win32' || /utf-?8/i.test(locale)) && env['TERM'] !== 'linux'
  return isUnicode
    ? { full: '━', empty: '─', levels: '▁▂▃▄▅▆▇█' }
    : { full: '=', empty: '-', levels: '.:-=+*#' }
}

const escapes = /\u001b\[[0-9;]*m/g
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const combining = /[\p{Mn}\p{Me}\p{Cf}]/u

function characterWidth(character: string): number {
  if (combining.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** Terminal cells that a text takes up: two for East Asian wide characters and emoji, none for combining marks and colours. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replace(escapes, '')) width += characterWidth(character)
  return width
}

/** Rows that a line takes up where it is wrapped after so many columns; a wide character is not cut in two. */
export function wrappedRows(line: string, columns: number): number {
  let rows = 1
  let used = 0
  for (const character of line.replace(escapes, '')) {
    const width = characterWidth(character)
    used += width
    if (used <= columns) continue
    rows++
    used = width
  }
  return rows
}

/** A text in lines of at most `width` cells, where its words let it: broken where there are two spaces, else at one that follows no number. */
export function wrapped(text: string, width: number): string[] {
  const [gap, breaks] = text.includes('  ') ? ['  ', '  '] : [' ', /(?<!\d) /]
  const lines: string[] = []
  let line: string | undefined
  for (const word of text.split(breaks)) {
    const longer: string = line === undefined ? word : line + gap + word
    if (line !== undefined && displayWidth(longer) > width) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return line === undefined ? lines : [...lines, line]
}

/** A text of at most `width` cells; what is cut off is shown as `…`. Takes text without colours. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 1
  for (const character of text) {
    used += characterWidth(character)
    if (used > width) break
    kept += character
  }
  return width > 0 ? `${kept}…` : ''
}

/** A text filled up with spaces to `width` cells. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}
