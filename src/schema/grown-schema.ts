import type { GrownCategories } from './growing-vocabularies.js'
import { categoryCount, categoryIndices, featureColumns, type CategorySlot, type Schema } from './schema.js'

/** A schema whose vocabularies are whole, and where its category weights come from. */
export interface GrownSchema {
  readonly schema: Schema
  /** For every category index of the schema, the index that it had while it was trained; their number, where all are the same. */
  readonly trainedIndices: Uint32Array | number
}

/**
 * The schema with the values that the first pass has added, each vocabulary sorted by code unit. The indices of `grown`
 * come behind all those of `schema`.
 */
export function grownSchema(schema: Schema, grown: GrownCategories): GrownSchema {
  if (grown.values.length === 0) return { schema: whole(schema), trainedIndices: categoryIndices(schema) }
  const added = indicesBySlot(schema, grown)
  const indices = new Uint32Array(categoryIndices(schema) + grown.values.length)
  const { sharedBuckets = 0 } = schema
  for (let index = 0; index < sharedBuckets; index++) indices[index] = index
  let count = sharedBuckets
  let first = sharedBuckets
  let number = 0
  const grow = <Slot extends CategorySlot>(slot: Slot): Slot => {
    const vocabulary = wholeVocabulary(slot, first, added[number++]!)
    const values = [...vocabulary.keys()].sort()
    for (const value of values) indices[count++] = vocabulary.get(value)!
    // The buckets, and "missing".
    const next = first + categoryCount(slot)
    for (let index = first + slot.values.length; index < next; index++) indices[count++] = index
    first = next
    return withoutRoom({ ...slot, values })
  }
  // Interactions come behind all columns: see featureColumns.
  const columns = schema.columns.map((column) => (column.kind === 'category' ? grow(column) : column))
  const interactions = schema.interactions.map(grow)
  return { schema: { ...schema, columns, interactions }, trainedIndices: indices.subarray(0, count) }
}

/** The schema of a run in which nothing was added: no vocabulary has room any more. */
function whole(schema: Schema): Schema {
  const columns = schema.columns.map((column) => (column.kind === 'category' ? withoutRoom(column) : column))
  return { ...schema, columns, interactions: schema.interactions.map(withoutRoom) }
}

function withoutRoom<Slot extends CategorySlot>(slot: Slot): Slot {
  const closed = { ...slot }
  delete closed.room
  return closed
}

/** For every category slot the values that were added, and their indices. */
function indicesBySlot(schema: Schema, { values, slots }: GrownCategories): Map<string, number>[] {
  const { categories } = featureColumns(schema)
  const first = categoryIndices(schema)
  const bySlot = categories.map(() => new Map<string, number>())
  values.forEach((value, i) => {
    const added = bySlot[slots[i]!]!
    // Bytes that are not UTF-8 may read as a text that is there already: the first one stays.
    if (!added.has(value)) added.set(value, first + i)
  })
  return bySlot
}

/** The indices of the values of the sample and of those that were added. */
function wholeVocabulary(
  { values }: CategorySlot,
  first: number,
  added: Map<string, number>,
): Map<string, number> {
  values.forEach((value, i) => added.set(value, first + i))
  return added
}
