/** What `inspect` found, as a person reads it. */

import { printable } from '../errors.js'
import type {
  CsvColumn,
  CsvInspection,
  Inspection,
  ModelColumn,
  ModelInspection,
  ModelInteraction,
} from '../inspect.js'
import type { TargetColumn } from '../schema/index.js'
import { describeEncoding, describeVocabulary } from './schema.js'
import { formatBytes, formatCount, formatMetric, formatShare } from './format.js'
import { describeMetrics, describeRows } from './summary.js'
import { coefficientLines } from './coefficient-lines.js'
import { tableLines } from './table.js'
import { pad, type Colors } from './terminal.js'

/** Values of a column that are shown. */
const MOST_VALUES = 5

/** Lines; those of tables are at most `width` cells wide. Of each column of a linear model `top` values are shown. */
export function inspectionLines(
  found: Inspection,
  width: number,
  colors: Colors,
  top: number = MOST_VALUES,
): string[] {
  return found.kind === 'csv' ? csvLines(found, width, colors) : modelLines(found, top, width, colors)
}

function csvLines(found: CsvInspection, width: number, colors: Colors): string[] {
  const { file, dialect, bytes, estimatedRows, sampledRows, columns } = found
  const size = bytes === undefined ? '' : `${formatBytes(bytes)}, `
  const rows = estimatedRows === undefined ? '' : `about ${formatCount(estimatedRows)} rows, `
  const table = columns.map((column) => [
    printable(column.name),
    column.kind,
    column.missing === 0 ? '' : missingShare(column.missing),
    describeValues(column),
  ])
  return [
    colors.bold(printable(file)),
    `${size}${rows}${formatCount(columns.length)} columns separated by ${separators(dialect.delimiter)}; the values are those of a sample of ${formatCount(sampledRows)} rows`,
    '',
    ...tableLines(['column', 'type', 'missing', 'values'], table, width, colors),
  ]
}

function separators(delimiter: string): string {
  const names: Record<string, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'pipes' }
  return names[delimiter] ?? printable(delimiter)
}

/** A share that is not 0 is never shown as 0. */
function missingShare(share: number): string {
  return share < 0.005 ? '< 1 %' : formatShare(share)
}

function describeValues(column: CsvColumn): string {
  if (column.kind === 'empty') return ''
  if (column.kind === 'number') {
    const { mean, deviation, minimum, maximum, texts } = column
    const range = `mean ${formatMetric(mean)}, deviation ${formatMetric(deviation)}, ${formatMetric(minimum)} … ${formatMetric(maximum)}`
    return texts === 0 ? range : `${range}; ${formatCount(texts)} no numbers`
  }
  if (column.kind === 'boolean') return `${formatShare(column.share)} true`
  const more = column.values > column.frequent.length ? ', …' : ''
  const looks = column.looksLike === undefined ? '' : `${column.looksLike}? `
  return `${looks}${formatCount(column.values)}: ${column.frequent.map(printable).join(', ')}${more}`
}

/** `network of 64, 32 relu units (layer norm, embeddings of 8)` */
function describeKind({ network }: ModelInspection): string {
  if (network === undefined) return 'linear'
  const { hidden, activation, layerNorm, embedding } = network
  const more = [layerNorm ? 'layer norm' : '', embedding > 0 ? `embeddings of ${embedding}` : ''].filter(
    Boolean,
  )
  return `network of ${hidden.join(', ')} ${activation} units${more.length > 0 ? ` (${more.join(', ')})` : ''}`
}

function modelLines(model: ModelInspection, top: number, width: number, colors: Colors): string[] {
  const { file, target, parameters, version, seed, epochs, steps, rows, train, validation, options } = model
  const given = Object.entries(options).filter(([, value]) => value !== null)
  const facts: [string, string][] = [
    ['model', `${describeKind(model)}, ${describeLoss(model)}, ${formatCount(parameters)} parameters`],
    ['target', describeTarget(target)],
    ['rows', describeRows(rows)],
    ['steps', `${formatCount(steps)} in ${formatCount(epochs)} epoch${epochs === 1 ? '' : 's'}`],
    ['train', `loss ${formatMetric(train.loss)}`],
    ...(validation === undefined
      ? []
      : [['held out', describeMetrics(validation)] satisfies [string, string]]),
    ['options', given.map(([name, value]) => `${name} ${printable(String(value))}`).join(', ')],
    ['made by', `millrace ${printable(version)}, seed ${seed}`],
  ]
  const columns = model.columns.filter(({ kind }) => kind !== 'ignored')
  const ignored = model.columns.length - columns.length
  return [
    colors.bold(printable(file)),
    ...facts.map(([name, text]) => `${colors.dim(pad(name, 8))}  ${text}`),
    '',
    ...tableLines(
      ['column', 'type', 'encoding'],
      [
        ...columns.map((column) => describeColumn(column, model.sharedBuckets)),
        ...model.interactions.map((interaction) => describeInteraction(interaction, model.sharedBuckets)),
      ],
      width,
      colors,
    ),
    ...(ignored === 0 ? [] : [colors.dim(`  … and ${formatCount(ignored)} ignored`)]),
    '',
    ...(model.network === undefined
      ? coefficientLines(model, top, width, colors)
      : strengthLines(model, width, colors)),
  ]
}

/** `huber loss with huberDelta 1.5` */
function describeLoss({ loss, lossSettings }: ModelInspection): string {
  const settings = Object.entries(lossSettings).map(([name, value]) => `${name} ${formatMetric(value)}`)
  return settings.length === 0 ? `${loss} loss` : `${loss} loss with ${settings.join(', ')}`
}

function describeTarget(target: TargetColumn): string {
  const name = printable(target.name)
  if (target.kind === 'number') {
    return `${name}, a number: mean ${formatMetric(target.mean)}, scale ${formatMetric(target.scale)}`
  }
  return `${name}, ${target.classes.length} classes: ${target.classes.map(printable).join(', ')}`
}

function describeColumn(column: ModelColumn, sharedBuckets: number): string[] {
  const name = printable(column.name)
  if (column.kind === 'number' || column.kind === 'boolean' || column.kind === 'date') {
    return [name, column.kind, describeEncoding(column)]
  }
  if (column.kind !== 'category') return [name, column.kind, '']
  return [name, 'category', describeVocabulary({ ...column, sharedBuckets })]
}

function describeInteraction(interaction: ModelInteraction, sharedBuckets: number): string[] {
  return [printable(interaction.name), 'interaction', describeVocabulary({ ...interaction, sharedBuckets })]
}

function strengthLines({ strengths }: ModelInspection, width: number, colors: Colors): string[] {
  const table = strengths.map(({ column, strength }) => [formatMetric(strength), printable(column)])
  return tableLines(['strength', 'what the first layer reads most'], table, width, colors)
}
