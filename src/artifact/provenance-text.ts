import type { RowCounts } from '../events.js'
import type { Metrics } from '../metric/index.js'
import type { Provenance } from '../model/model.js'
import * as is from './check.js'
import { parseUntrustedJson } from './untrusted-json.js'

type OptionValue = Provenance['options'][string]

const fields = ['version', 'seed', 'options', 'epochs', 'steps', 'rows', 'train', 'validation'] as const
const rowFields = ['read', 'trained', 'validation', 'skipped'] as const

/** Provenance → JSON text; equal ones give equal texts: options are sorted by name, metrics too, after `loss`. */
export function provenanceText(provenance: Provenance): string {
  const { version, seed, options, epochs, steps, rows, train, validation } = provenance
  const { read, trained, validation: held, skipped } = rows
  return JSON.stringify({
    version,
    seed,
    options: sorted(options),
    epochs,
    steps,
    rows: { read, trained, validation: held, skipped },
    train: { loss: train.loss },
    validation: validation === undefined ? null : { loss: validation.loss, ...sorted(validation) },
  })
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** JSON text → provenance. Throws MODEL_INVALID that says which field is wrong. */
export function parseProvenance(json: string): Provenance {
  const field = is.fieldsOf(parseUntrustedJson(json, 'provenance'), 'provenance', fields)
  return {
    version: field('version', is.text),
    seed: field('seed', is.seed),
    options: field('options', checkOptions),
    epochs: field('epochs', is.count),
    steps: field('steps', is.count),
    rows: field('rows', checkRows),
    train: { loss: field('train', checkTrain) },
    validation: field('validation', is.orNull(checkMetrics)) ?? undefined,
  }
}

/** Keys are names of options and metrics, as a program writes them: letters and digits. */
function checkName(name: string, where: string): string {
  if (/^[A-Za-z][A-Za-z0-9]*$/.test(name)) return name
  throw is.modelInvalid(where, 'names of letters and digits', JSON.stringify(name))
}

function checkOptions(value: unknown, where: string): Provenance['options'] {
  const entries = is.entriesOf(value, where).map(([name, option]): [string, OptionValue] => {
    checkName(name, where)
    if (option === null || typeof option === 'string' || typeof option === 'boolean') return [name, option]
    return [name, is.finite(option, `${where}.${name}`)]
  })
  return Object.fromEntries(entries)
}

/** Rows of an epoch, whose counts add up. */
export function checkRows(value: unknown, where: string): RowCounts {
  const field = is.fieldsOf(value, where, rowFields)
  const rows = {
    read: field('read', is.count),
    trained: field('trained', is.count),
    validation: field('validation', is.count),
    skipped: field('skipped', is.count),
  }
  const sum = rows.trained + rows.validation + rows.skipped
  if (rows.read !== sum)
    throw is.modelInvalid(where, `read = ${sum}, the sum of the others`, String(rows.read))
  return rows
}

function checkTrain(value: unknown, where: string): number {
  return is.fieldsOf(value, where, ['loss'])('loss', is.numberOrNull)
}

/** Metrics by name, `loss` among them; `number` checks each. */
export function checkMetrics(
  value: unknown,
  where: string,
  number: is.Check<number> = is.numberOrNull,
): Metrics {
  const entries = is
    .entriesOf(value, where)
    .map(([name, metric]): [string, number] => [checkName(name, where), number(metric, `${where}.${name}`)])
  const loss = new Map(entries).get('loss')
  if (loss === undefined) throw is.modelInvalid(where, 'a field "loss"', 'none')
  return { loss, ...Object.fromEntries(entries) }
}
