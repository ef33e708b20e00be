import { usageError } from '../errors.js'
import type { TrainedModel } from '../model/model.js'
import { didYouMean } from '../suggest.js'
import type { ExportFormat, FormatSettings } from './format.js'
import { js } from './js.js'
import { json } from './json.js'
import { onnx } from './onnx.js'
import { sql } from './sql.js'

/** Every format by its name. A new one is a file, a line here, and a row in test/contract/exports.test.ts. */
export const exportFormats = { onnx, js, json, sql } satisfies Record<string, ExportFormat>

/** `onnx`, `js`, `json` or `sql`. */
export type ExportFormatName = keyof typeof exportFormats

export const exportFormatNames = Object.keys(exportFormats) as ExportFormatName[]

/** What is written. */
export interface ExportOptions<Format extends ExportFormatName = ExportFormatName> {
  readonly format: Format
  /** Of `sql`: the table that the rows are in; `schema.table` where it is in a schema. Default: `input`. */
  readonly table?: string | undefined
}

const defaults: FormatSettings = { table: 'input' }

/**
 * A model in a form that other programs use (docs/export.md): an ONNX graph, a JavaScript module, a JSON document, an SQL query.
 *
 * Equal models give equal bytes.
 *
 * Throws a usage error where an option is wrong, or where the format cannot hold the model.
 */
export function exportModel(model: TrainedModel, options: ExportOptions<'onnx'>): Uint8Array
export function exportModel(model: TrainedModel, options: ExportOptions<'js' | 'json' | 'sql'>): string
export function exportModel(model: TrainedModel, options: ExportOptions): string | Uint8Array
export function exportModel(model: TrainedModel, options: ExportOptions): string | Uint8Array {
  return checkedFormat(options).write(model, { table: options.table ?? defaults.table })
}

/** The format that the options name. Throws a usage error where they are wrong. */
export function checkedFormat({ format: name, ...settings }: ExportOptions): ExportFormat {
  if (!Object.hasOwn(exportFormats, name)) {
    const message = `format: expected ${exportFormatNames.join(', ')}, got ${JSON.stringify(name) ?? 'none'}`
    throw usageError('OPTION_VALUE', message, didYouMean(String(name), exportFormatNames), {
      option: 'format',
    })
  }
  const format: ExportFormat = exportFormats[name]
  for (const setting of Object.keys(defaults) as (keyof FormatSettings)[]) {
    if (settings[setting] === undefined || format.settings.includes(setting)) continue
    const message = `${setting}: it does not go together with format ${name}`
    throw usageError('OPTION_CONFLICT', message, `leave ${setting} out`, { option: setting })
  }
  return format
}
