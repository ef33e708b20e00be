/** What a linear model has learned, in the units of the data. */

import { printable } from '../errors.js'
import type { ColumnCoefficients, ModelInspection, ScoreCoefficients } from '../inspect.js'
import { formatCount, formatMetric } from './format.js'
import { scoreName } from './learned.js'
import { tableLines } from './table.js'
import type { Colors } from './terminal.js'

/** Scores of more classes are in the JSON. */
const MOST_SCORES = 3

/** A table for each score: the columns by their effect, `top` values of each. */
export function coefficientLines(
  { coefficients, loss, target, columns }: ModelInspection,
  top: number,
  width: number,
  colors: Colors,
): string[] {
  const indicators = new Set(
    columns.flatMap((column) => ('indicator' in column && column.indicator ? [column.name] : [])),
  )
  const shown = coefficients.slice(0, MOST_SCORES)
  const tables = shown.flatMap((score) => [
    colors.bold(`${titleOf(score, scoreName(loss, target))}`),
    ...tableLines(
      ['effect', 'column', 'coefficient', 'rows', 'of'],
      rowsOf(score, indicators, top),
      width,
      colors,
    ),
    '',
  ])
  const left = coefficients.length - shown.length
  return left === 0
    ? tables.slice(0, -1)
    : [...tables, colors.dim(`  … and ${formatCount(left)} more classes: --json has all`)]
}

/** `adds to the log-odds of late = yes, from −1.2000` */
function titleOf({ class: name, intercept }: ScoreCoefficients, score: string): string {
  const of = name === undefined ? score : `${score.replace(' (→ class)', '')} → ${printable(name)}`
  return `adds to ${of}, from ${signed(intercept)}`
}

function rowsOf({ columns }: ScoreCoefficients, indicators: ReadonlySet<string>, top: number): string[][] {
  return columns.flatMap((column) => {
    const { coefficients } = column
    const isNumber = ['number', 'boolean', 'date'].includes(column.kind)
    // What stands in for a number is of interest where it was learned.
    const told = coefficients.filter(
      ({ value }) => !isNumber || value === undefined || indicators.has(column.column),
    )
    const shown = isNumber ? told : told.slice(0, top)
    const rows = shown.map(({ coefficient, part, value, rows: count }, i) => [
      i === 0 ? formatMetric(column.effect) : '',
      i === 0 ? printable(column.column) : '',
      signed(coefficient),
      count === undefined ? '' : formatCount(count),
      value === undefined ? `1${part === undefined ? '' : ` of ${part}`}` : printable(value),
    ])
    const left = told.length - shown.length + unnamed(column)
    return left === 0 ? rows : [...rows, ['', '', '', '', `… and ${formatCount(left)} more`]]
  })
}

/** Buckets in use that are not among the coefficients. */
function unnamed({ bucketsInUse = 0, coefficients }: ColumnCoefficients): number {
  return (
    bucketsInUse - coefficients.filter(({ value }) => /^\((others, )?bucket \d+\)$/.test(value ?? '')).length
  )
}

function signed(value: number): string {
  return value < 0 ? `−${formatMetric(-value)}` : `+${formatMetric(value)}`
}
