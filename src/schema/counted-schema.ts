import type { GrownSchema } from './grown-schema.js'
import { categoryCount, type CategorySlot, type Schema } from './schema.js'

/** The schema of a model with the rows of each category: `counts` are those of the indices that it was trained with. */
export function countedSchema(
  { schema, trainedIndices }: GrownSchema,
  counts: Uint32Array | undefined,
): Schema {
  if (counts === undefined) return schema
  const { sharedBuckets = 0 } = schema
  const rowsOf = (index: number): number =>
    counts[typeof trainedIndices === 'number' ? index : trainedIndices[index]!]!
  let first = sharedBuckets
  const count = <Slot extends CategorySlot>(slot: Slot): Slot => {
    const { values, buckets } = slot
    const rows = Array.from({ length: categoryCount(slot) }, (_, i) => rowsOf(first + i))
    first += rows.length
    const bucketed = rows.slice(values.length, values.length + buckets)
    return {
      ...slot,
      counts: rows.slice(0, values.length),
      ...(sharedBuckets > 0 ? {} : { others: bucketed.reduce((sum, each) => sum + each, 0) }),
      missing: rows[rows.length - 1]!,
    }
  }
  // Interactions come behind all columns: see featureColumns.
  const columns = schema.columns.map((column) => (column.kind === 'category' ? count(column) : column))
  return { ...schema, columns, interactions: schema.interactions.map(count) }
}
