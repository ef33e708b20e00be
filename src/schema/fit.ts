import type { SharedMemory } from '../engine/memory.js'
import { runError } from '../errors.js'
import { categoryColumn, columnKind, numberColumn, targetColumn, type InferenceOptions } from './infer.js'
import type { ContextAddress } from './parse-context.js'
import { columnRoles, type RoleOptions } from './roles.js'
import { countValues, profileColumns, type SampleChunk } from './sample.js'
import type { ColumnSchema, Dialect, Schema } from './schema.js'

/** Fits the schema on a sample: kinds by the options and the values, statistics and vocabularies by the sample. */
export function fitSchema(
  memory: SharedMemory,
  context: ContextAddress,
  dialect: Dialect,
  names: readonly string[],
  chunks: readonly SampleChunk[],
  options: RoleOptions & InferenceOptions,
): Schema {
  const roles = columnRoles(names, options)
  const { records, columns: statistics } = profileColumns(memory, context, chunks, names.length)
  if (records === 0) {
    throw runError(
      'NO_ROWS',
      `expected rows of ${names.length} fields, found none`,
      'check the delimiter, the quotes and the header: --delimiter, --quote, --no-header',
    )
  }
  const kinds = roles.map((role, i) => columnKind(role, statistics[i]!, options.standardize))
  const targetIndex = roles.indexOf('target')
  const counted = kinds.flatMap((kind, i) => (kind === 'category' || i === targetIndex ? [i] : []))
  const counts = countValues(memory, context, chunks, names.length, counted, new Set(dialect.missingTokens))
  const columns = names.map((name, i): ColumnSchema => {
    const kind = kinds[i]!
    if (kind === 'number') return numberColumn(name, statistics[i]!, options)
    if (kind === 'category') return categoryColumn(name, counts.get(i)!, options)
    return { kind, name }
  })
  if (!columns.some((column) => column.kind === 'number' || column.kind === 'category')) {
    throw runError(
      'NO_FEATURES',
      'there is no column to learn from',
      'see --features and --ignore; a column whose sample is all missing is left out',
    )
  }
  return {
    dialect,
    columns,
    target: targetColumn(names[targetIndex]!, statistics[targetIndex]!, counts.get(targetIndex)!, options),
  }
}
