import { displayWidth, fit, pad, type Colors } from './terminal.js'

const WIDEST_CELL = 40

/** A head and rows of cells as lines of at most `width` cells; the last column is as wide as the line allows. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  colors: Colors,
): string[] {
  const widths = head.slice(0, -1).map((title, i) => {
    const widest = rows.reduce((most, row) => Math.max(most, displayWidth(row[i]!)), displayWidth(title))
    return Math.min(WIDEST_CELL, widest)
  })
  const line = (cells: readonly string[]): string => {
    const fitted = cells.map((cell, i) =>
      widths[i] === undefined ? cell : pad(fit(cell, widths[i]), widths[i]),
    )
    return fit(`  ${fitted.join('  ')}`.trimEnd(), width)
  }
  return [colors.dim(line(head)), ...rows.map(line)]
}
