/** What is told in words: columns, bad rows, metrics, options, warnings. Each is made anew only when it has changed. */
import type { BadRowEvent } from '../events.js'
import type { SchemaRecord, StartRecord } from '../report/event-record.js'
import type { Picture } from '../report/dashboard/picture.js'
import { formatBytes } from '../report/format.js'
import { byId, element, setText, table, whenChanged } from './dom.js'
import { count, metric } from './numbers.js'

/** Options that are bytes. */
const sizes = new Set(['memory', 'shuffleBuffer', 'blockBytes'])
/** Columns and epochs that are shown. */
const MOST = { columns: 1000, epochs: 200 } as const

export class Details {
  show(picture: Picture): void {
    const { start, badRows, validations, epochs, warnings } = picture
    this.#schema(start?.schema)
    this.#options(start)
    // Lists that only grow, or lose their oldest, are told by their newest.
    this.#badRows(badRows, badRows.at(-1))
    this.#metrics(
      picture,
      `${validations.length} ${validations.at(-1)?.step} ${epochs.length} ${picture.end?.type}`,
    )
    this.#warnings(warnings, `${warnings.length} ${warnings.at(-1)}`)
  }

  readonly #schema = whenChanged((schema: SchemaRecord | undefined) => {
    setText(byId('schema-note'), schema === undefined ? '' : `${count(schema.columns.length)} columns`)
    if (schema !== undefined) byId('schema').replaceChildren(schemaTable(schema))
  })

  readonly #badRows = whenChanged((rows: readonly BadRowEvent[]) => {
    const newest = rows.at(-1)
    setText(byId('bad-note'), newest === undefined ? 'none' : `${count(newest.skipped)} left out`)
    const shown = [...rows].reverse().map((row) => [row.message, placeOf(row), row.reason])
    byId('bad-rows').replaceChildren(
      shown.length === 0
        ? element('p', { class: 'empty' }, 'Rows that cannot be read are shown here as they come.')
        : table(['What', 'Where', 'Reason'], shown),
    )
  })

  readonly #metrics = whenChanged(({ validations, epochs, end }: Picture) => {
    const names = [...new Set(validations.flatMap(({ metrics }) => Object.keys(metrics)))]
    const best = end?.type === 'done' ? end.bestEpoch : undefined
    setText(byId('metrics-note'), best === undefined ? '' : `best: epoch ${best}`)
    const rows = epochs
      .slice(-MOST.epochs)
      .reverse()
      .map(({ epoch, loss, validation }) => [
        count(epoch),
        metric(loss),
        ...names.map((name) => metric(validation?.[name])),
      ])
    const head = ['Epoch', 'Progressive', ...names]
    byId('metrics').replaceChildren(
      rows.length === 0
        ? element('p', { class: 'empty' }, 'Epochs are shown here when they end.')
        : table(head, rows, head),
    )
  })

  readonly #options = whenChanged((start: StartRecord | undefined) => {
    if (start === undefined) return
    const { options, machine, version, parameters, time, placement, lanes, workers, bytes } = start
    setText(
      byId('options-note'),
      `${count(parameters)} parameters · millrace ${version} · Node ${machine.node}`,
    )
    const known: [string, unknown][] = [
      ['began', new Date(time).toLocaleString()],
      ['input', options.input],
      ['target', options.target],
      ...Object.entries(options).filter(([name]) => name !== 'dashboard'),
      ['workers', workers],
      ['lanes', lanes],
      ['placement', placement],
      ['size of the input', bytes == null ? undefined : formatBytes(bytes)],
    ]
    const shown = new Map(known.filter(([, value]) => value != null && value !== '' && !isEmpty(value)))
    byId('options').replaceChildren(
      ...[...shown].map(([name, value]) =>
        element(
          'div',
          {},
          element('dt', {}, wordsOf(name)),
          element('dd', {}, sizes.has(name) ? formatBytes(value as number) : textOf(value)),
        ),
      ),
    )
  })

  readonly #warnings = whenChanged((warnings: readonly string[]) => {
    byId('warnings-card').hidden = warnings.length === 0
    byId('warnings').replaceChildren(...[...warnings].reverse().map((text) => element('li', {}, text)))
  })
}

function schemaTable({ columns, target, interactions }: SchemaRecord): HTMLTableElement {
  const rows = columns.slice(0, MOST.columns).map((column) => {
    switch (column.kind) {
      case 'number':
        return [
          column.name,
          'number',
          `mean ${metric(column.mean)}, deviation ${metric(column.scale)}${missing(column.indicator)}`,
        ]
      case 'boolean':
        return [column.name, 'yes or no', `mean ${metric(column.mean)}${missing(column.indicator)}`]
      case 'date':
        return [column.name, 'date', `${column.parts.length} parts${missing(column.indicator)}`]
      case 'category':
        return [
          column.name,
          'category',
          `${count(column.values)} values${column.buckets > 0 ? `, ${count(column.buckets)} buckets for others` : ''}`,
        ]
      case 'target':
        return [column.name, 'target', targetText(target)]
      case 'weight':
        return [column.name, 'row weight', '']
      case 'ignored':
        return [column.name, 'not used', '']
    }
  })
  const pairs = interactions.map(({ name, values }) => [name, 'interaction', `${count(values)} values`])
  const more =
    columns.length > MOST.columns ? [[`and ${count(columns.length - MOST.columns)} more`, '', '']] : []
  return table(['Column', 'Role', 'Encoding'], [...rows, ...more, ...pairs])
}

function missing(hasIndicator: boolean): string {
  return hasIndicator ? ', some missing' : ''
}

function targetText(target: SchemaRecord['target']): string {
  if (target.kind === 'number')
    return `number, mean ${metric(target.mean)}, deviation ${metric(target.scale)}`
  const names = target.classes.slice(0, 5).join(', ')
  return `${count(target.classes.length)} classes: ${names}${target.classes.length > 5 ? ', …' : ''}`
}

/** `flights.csv, line 12, byte 431, column hour` */
function placeOf({ file, line, byte, column }: BadRowEvent): string {
  const parts = [
    file,
    line == null ? '' : `line ${count(line)}`,
    `byte ${count(byte)}`,
    column == null ? '' : `column ${column}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** `batchSize` → `batch size` */
function wordsOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([, part]) => part != null)
      .map(([name, part]) => `${wordsOf(name)} ${textOf(part)}`)
      .join(', ')
  }
  return typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value)
}
