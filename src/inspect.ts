import { open } from 'node:fs/promises'
import { loadTrainedModel } from './artifact/index.js'
import { headerLength, PREFIX_BYTES } from './artifact/safetensors.js'
import type { GivenDialect } from './flow/heads.js'
import { inspectCsv, type CsvInspection } from './inspect/inspect-csv.js'
import { inspectModel, type ModelInspection } from './inspect/inspect-model.js'
import { conflict, unknownOption, wrongOption } from './options/model.js'
import { character, readingRules } from './options/rules.js'
import { defaults, type InspectOptions } from './options.js'

export type {
  BooleanStatistics,
  CategoryStatistics,
  CsvColumn,
  CsvInspection,
  NumberStatistics,
} from './inspect/inspect-csv.js'
export type {
  Coefficient,
  ColumnCoefficients,
  HeavyWeight,
  InputStrength,
  ModelColumn,
  ModelInspection,
  ModelInteraction,
  ScoreCoefficients,
} from './inspect/inspect-model.js'

/** What a file holds. */
export type Inspection = CsvInspection | ModelInspection

/**
 * Says what a model file holds, or what training would take the columns of a CSV for, before a target is chosen. Only
 * the sample of a CSV is read.
 *
 * Rejects with a MillraceError where the options or the file are at fault.
 */
export async function inspect(file: string, options: InspectOptions = {}): Promise<Inspection> {
  const dialect = checkedDialect(options)
  if (await isModelFile(file)) return inspectModel(file, await loadTrainedModel(file))
  return inspectCsv(file, dialect, options.encoding)
}

/** By its name, or by its first bytes: a length that fits the file, which no text starts with. */
async function isModelFile(path: string): Promise<boolean> {
  if (path.endsWith('.safetensors')) return true
  if (path === '-') return false
  try {
    const handle = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(PREFIX_BYTES), 0, PREFIX_BYTES, 0)
      headerLength(buffer.subarray(0, bytesRead), (await handle.stat()).size)
      return true
    } finally {
      await handle.close()
    }
  } catch {
    // Not there, or not a model: reading it as a CSV says what is wrong.
    return false
  }
}

const rules = {
  delimiter: readingRules.delimiter,
  quote: readingRules.quote,
  header: readingRules.header,
  comment: readingRules.comment,
  decimal: readingRules.decimal,
  encoding: readingRules.encoding,
}

function checkedDialect(options: InspectOptions): GivenDialect {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (!Object.hasOwn(rules, name)) throw unknownOption(name, Object.keys(rules))
    const { holds, expected } = rules[name as keyof typeof rules]
    if (value !== undefined && !holds(value)) throw wrongOption(name, expected, value)
  }
  const {
    delimiter,
    quote = defaults.quote,
    comment,
    decimal = defaults.decimal,
    header = defaults.header,
  } = options
  const characters = {
    delimiter: delimiter === undefined ? undefined : character(delimiter),
    quote: character(quote),
    comment: comment && character(comment),
  }
  const used = Object.entries(characters).filter(([, value]) => value !== undefined && value !== '')
  for (const [i, [name, value]] of used.entries()) {
    const other = used.slice(0, i).find(([, before]) => before === value)
    if (other === undefined) continue
    throw conflict(name, `it is the same character as ${other[0]}`, `give ${name} another character`)
  }
  return { ...characters, quote: characters.quote || undefined, decimal, header, missingTokens: defaults.na }
}
