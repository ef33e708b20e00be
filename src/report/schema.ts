/** The schema as a table: what each column is taken for, shown before training. */

import { printable } from '../errors.js'
import { datePartNames } from '../schema/dates.js'
import type { ColumnSchema, DenseColumn, InteractionColumn, Schema, TargetColumn } from '../schema/index.js'
import { interactionSides } from '../schema/interactions.js'
import { formatCount, formatMetric } from './format.js'
import { displayWidth, fit, pad, type Colors } from './terminal.js'

/** More columns than this are summed up in one line. */
const MOST_COLUMNS = 40

interface TableRow {
  name: string
  role: string
  type: string
  encoding: string
}

/** Lines of the table, each at most `width` cells. */
export function schemaLines(schema: Schema, width: number, colors: Colors): string[] {
  const shown = schema.columns.slice(0, MOST_COLUMNS)
  const missing = schema.columns.slice(MOST_COLUMNS)
  const rows = shown.map((column) => describe(column, schema))
  // A target among the columns that are summed up is shown all the same: it is what the table is for.
  const target = missing.find((column) => column.kind === 'target')
  if (target !== undefined) rows.push(describe(target, schema))
  for (const interaction of schema.interactions.slice(0, MOST_COLUMNS)) {
    rows.push(describeInteraction(schema, interaction))
  }
  const head = { name: 'column', role: 'role', type: 'type', encoding: 'encoding' }
  const widths = columnWidths([head, ...rows], width)
  const lines = [colors.dim(tableLine(head, widths, width))]
  for (const row of rows) lines.push(paint(row, tableLine(row, widths, width), colors))
  const rest = [...missing.filter((column) => column !== target), ...schema.interactions.slice(MOST_COLUMNS)]
  if (rest.length > 0) lines.push(colors.dim(fit(`  … and ${summarise(rest)}`, width)))
  return lines
}

function describe(column: ColumnSchema, { target, sharedBuckets }: Schema): TableRow {
  const name = printable(column.name)
  switch (column.kind) {
    case 'ignored':
      return { name, role: 'ignored', type: '', encoding: '' }
    case 'weight':
      return { name, role: 'weight', type: 'number', encoding: '' }
    case 'target':
      return { name, role: 'target', ...describeTarget(target) }
    case 'number':
    case 'boolean':
    case 'date':
      return { name, role: 'feature', type: column.kind, encoding: describeEncoding(column) }
    case 'category': {
      const encoding = describeVocabulary({
        values: column.values.length,
        buckets: column.buckets,
        sharedBuckets,
      })
      return { name, role: 'feature', type: 'category', encoding }
    }
  }
}

function describeInteraction(
  schema: Schema,
  { name, columns, values, buckets }: InteractionColumn,
): TableRow {
  const factor = interactionSides(schema.columns, columns)?.factor
  const { sharedBuckets } = schema
  const encoding = describeVocabulary({ values: values.length, buckets, sharedBuckets, factor })
  return { name: printable(name), role: 'feature', type: 'interaction', encoding }
}

interface Vocabulary {
  values: number
  buckets: number
  sharedBuckets?: number | undefined
  /** The number that multiplies the weights. */
  factor?: string | undefined
}

/**
 * `2 values, 1,024 buckets for others`, or `hashed to 262,144 shared buckets`, or what a number has in each of them:
 * `slope of distance for 2 values, …`.
 */
export function describeVocabulary({ values, buckets, sharedBuckets = 0, factor }: Vocabulary): string {
  const slope = factor === undefined ? '' : `slope of ${printable(factor)} for `
  if (sharedBuckets > 0) return `${slope}values hashed to ${formatCount(sharedBuckets)} shared buckets`
  const others = buckets > 0 ? `, ${formatCount(buckets)} buckets for others` : ''
  return `${slope}${formatCount(values)} value${values === 1 ? '' : 's'}${others}`
}

/** `mean 2.5, scale 1.2, missing`, or the features of a date. */
export function describeEncoding(column: DenseColumn): string {
  const missing = column.indicator ? ', missing' : ''
  if (column.kind === 'date') return `→ ${datePartNames.join(', ')}${missing}`
  return describeScaling(column) + missing
}

function describeScaling({ mean, scale }: { mean: number; scale: number }): string {
  const standard = mean !== 0 || scale !== 1
  return standard ? `mean ${formatMetric(mean)}, scale ${formatMetric(scale)}` : 'as it is'
}

function describeTarget(target: TargetColumn): { type: string; encoding: string } {
  if (target.kind === 'number') {
    return { type: 'number', encoding: describeScaling(target) }
  }
  const classes = target.classes.slice(0, 8).map(printable).join(', ')
  const more = target.classes.length > 8 ? ', …' : ''
  return { type: `${target.classes.length} classes`, encoding: classes + more }
}

/** Widths of name, role and type; a long name is cut so that the table fits. */
function columnWidths(rows: readonly TableRow[], width: number): [number, number, number] {
  const widest = (pick: (row: TableRow) => string): number =>
    Math.max(...rows.map((row) => displayWidth(pick(row))))
  const longestName = Math.max(8, Math.floor(width / 3))
  return [
    Math.min(
      widest((row) => row.name),
      longestName,
    ),
    widest((row) => row.role),
    widest((row) => row.type),
  ]
}

function tableLine(row: TableRow, [name, role, type]: [number, number, number], width: number): string {
  const line = [pad(fit(row.name, name), name), pad(row.role, role), pad(row.type, type), row.encoding].join(
    '  ',
  )
  return fit(`  ${line}`.trimEnd(), width)
}

function paint(row: TableRow, line: string, colors: Colors): string {
  if (row.role === 'target') return colors.cyan(line)
  return row.role === 'ignored' ? colors.dim(line) : line
}

/** `960 more: 950 number, 10 category` */
function summarise(columns: readonly { kind: string }[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of columns) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const parts = [...counts].map(([kind, count]) => `${formatCount(count)} ${kind}`)
  return `${formatCount(columns.length)} more: ${parts.join(', ')}`
}
