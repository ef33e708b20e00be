import type { Spread } from './measure.js'

/** Prints a table in Markdown, its columns aligned; all but the first to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  process.stdout.write(`${[line(head), line(rule), ...rows.map(line)].join('\n')}\n`)
}

/** `0.62 (0.60–0.71)` */
export function formatSpread({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`
}

/** Prints one ratio and the bound that issue 2 sets for it, if any: `training / parsing only: 1.21 (at most 1.35: held)`. */
export function printRatio(name: string, ratio: number, bound?: { atLeast?: number; atMost?: number }): void {
  process.stdout.write(`- ${name}: ${ratio.toFixed(ratio >= 10 ? 1 : 2)}${describeBound(ratio, bound)}\n`)
}

function describeBound(ratio: number, bound: { atLeast?: number; atMost?: number } = {}): string {
  const { atLeast, atMost } = bound
  if (atLeast !== undefined) return ` (at least ${atLeast}: ${ratio >= atLeast ? 'held' : 'NOT HELD'})`
  if (atMost !== undefined) return ` (at most ${atMost}: ${ratio <= atMost ? 'held' : 'NOT HELD'})`
  return ''
}

/** Prints a heading, or a line of text after it. */
export function printTitle(title: string): void {
  process.stdout.write(`\n## ${title}\n\n`)
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n\n`)
}
