import { sizeOf, wrappedRows, type Output, type Size } from './terminal.js'

const ERASE_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/**
 * A few lines at the end of a terminal that are drawn over, with plain lines scrolling by above them.
 *
 * The cursor rests on the empty line below the block, and is never hidden: whatever ends the process, even a kill, what comes
 * next starts on a clean line. A frame is one write, and goes over the old one without wiping it first: nothing flickers.
 */
export class LiveBlock {
  /** As they are on the screen, above the cursor. */
  private drawn: readonly string[] = []

  /** `lines`: what the block shows, for a terminal of this size. */
  constructor(
    private readonly output: Output,
    private readonly lines: (size: Size) => readonly string[],
  ) {}

  /** Draws the block, where it has changed. */
  draw(): void {
    const size = sizeOf(this.output)
    const lines = this.fitted(size)
    const same = lines.length === this.drawn.length && lines.every((line, i) => line === this.drawn[i])
    if (same) return
    this.output.write(this.toTop(size) + lines.map((line) => `${line}${ERASE_LINE}\n`).join('') + ERASE_BELOW)
    this.drawn = lines
  }

  /** Writes lines above the block. */
  print(lines: readonly string[]): void {
    const size = sizeOf(this.output)
    const above = lines.map((line) => `${line}\n`).join('')
    const isThere = this.drawn.length > 0
    const wiped = isThere ? this.toTop(size) + ERASE_BELOW : ''
    this.drawn = isThere ? this.fitted(size) : []
    this.output.write(wiped + above + this.drawn.map((line) => `${line}\n`).join(''))
  }

  /** Takes the block away; the cursor is then where it began, and a next frame begins where the cursor is. */
  clear(): void {
    if (this.drawn.length > 0) this.output.write(this.toTop(sizeOf(this.output)) + ERASE_BELOW)
    this.drawn = []
  }

  /** Less than half of the screen, and no line that would wrap: some terminals wrap one that fills the last cell. */
  private fitted(size: Size): readonly string[] {
    const most = Math.min(Math.ceil(size.rows / 2), size.rows - 1)
    return this.lines({ columns: size.columns - 1, rows: Math.max(0, most) })
  }

  /** To the first cell of the block. What was drawn when the terminal was wider takes more rows now. */
  private toTop({ columns, rows }: Size): string {
    const up = this.drawn.reduce((sum, line) => sum + wrappedRows(line, columns), 0)
    return up === 0 ? '\r' : `\r\u001b[${Math.min(up, rows - 1)}A`
  }
}
