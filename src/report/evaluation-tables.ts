/** The tables of an evaluation, as a person reads them. */

import { printable } from '../errors.js'
import type { EvaluationTables } from '../metric/index.js'
import { formatCount, formatMetric } from './format.js'
import { tableLines } from './table.js'
import type { Colors } from './terminal.js'

/** A matrix of more classes is told by its largest entries beside the diagonal. */
const MOST_CLASSES = 10
const MOST_CONFUSIONS = 20

/** Lines of at most `width` cells; a blank line before each table. */
export function evaluationTableLines(tables: EvaluationTables, width: number, colors: Colors): string[] {
  const { confusion, calibration, deciles } = tables
  return [
    ...(confusion === undefined ? [] : confusionLines(confusion, width, colors)),
    ...(calibration === undefined ? [] : calibrationLines(calibration, width, colors)),
    ...(deciles === undefined || deciles.length === 0 ? [] : decileLines(deciles, width, colors)),
  ]
}

function confusionLines(
  { classes, counts }: NonNullable<EvaluationTables['confusion']>,
  width: number,
  colors: Colors,
): string[] {
  const names = classes.map(printable)
  const title = colors.bold('confusion')
  if (classes.length <= MOST_CLASSES) {
    const rows = counts.map((row, label) => [names[label]!, ...row.map(formatCount)])
    return ['', title, ...tableLines(['is ↓, predicted →', ...names], rows, width, colors)]
  }
  const confused = counts.flatMap((row, label) =>
    row.flatMap((count, predicted) =>
      label === predicted || count === 0 ? [] : [{ label, predicted, count }],
    ),
  )
  const rows = confused
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_CONFUSIONS)
    .map(({ label, predicted, count }) => [formatCount(count), names[label]!, names[predicted]!])
  const left = confused.length - rows.length
  return [
    '',
    `${title}: what is taken for something else most`,
    ...tableLines(['rows', 'is', 'predicted'], rows, width, colors),
    ...(left === 0 ? [] : [colors.dim(`  … and ${formatCount(left)} more pairs: --json has all`)]),
  ]
}

function calibrationLines(
  { error, bins }: NonNullable<EvaluationTables['calibration']>,
  width: number,
  colors: Colors,
): string[] {
  const rows = bins
    .filter((bin) => bin.rows > 0)
    .map(({ from, to, rows, predicted, observed }) => [
      `${from.toFixed(1)} … ${to.toFixed(1)}`,
      formatMetric(predicted),
      formatMetric(observed),
      formatCount(rows),
    ])
  return [
    '',
    `${colors.bold('calibration')}: expected error ${formatMetric(error)}`,
    ...tableLines(['probability', 'predicted', 'observed', 'rows'], rows, width, colors),
  ]
}

function decileLines(
  deciles: NonNullable<EvaluationTables['deciles']>,
  width: number,
  colors: Colors,
): string[] {
  const rows = deciles.map(({ rows, predicted, observed, lift, captured }, i) => [
    String(i + 1),
    formatMetric(predicted),
    formatMetric(observed),
    Number.isFinite(lift) ? lift.toFixed(2) : 'n/a',
    Number.isFinite(captured) ? `${(captured * 100).toFixed(1)} %` : 'n/a',
    formatCount(rows),
  ])
  return [
    '',
    `${colors.bold('lift by decile')}: the rows of the largest predictions first`,
    ...tableLines(['decile', 'predicted', 'observed', 'lift', 'captured', 'rows'], rows, width, colors),
  ]
}
