import { murmur3 } from '../numeric/murmur3.js'
import { categoryCount, featureColumns, type Schema } from '../schema/schema.js'
import { slotSalt } from '../schema/slot-salt.js'

/** A value of a category slot, undefined where it is missing → its category index. */
export type CategoryIndex = (value: string | undefined) => number

const utf8 = new TextEncoder()

/** What gives the category index of each slot of a row, in their order (docs/model-file.md, From a row to a prediction). */
export function categorySlots(schema: Schema): CategoryIndex[] {
  const { sharedBuckets = 0 } = schema
  let next = sharedBuckets
  return featureColumns(schema).categories.map((slot, number) => {
    const first = next
    next += categoryCount(slot)
    const missing = next - 1
    const known = new Map(slot.values.map((value, i) => [value, first + i]))
    const buckets = sharedBuckets || slot.buckets
    const [firstBucket, salt] = sharedBuckets > 0 ? [0, slotSalt(number)] : [first + slot.values.length, 0]
    const bucketOf = (value: string): number =>
      firstBucket + ((murmur3(utf8.encode(value)) + salt) & (buckets - 1))
    return (value) => {
      if (value === undefined) return missing
      return known.get(value) ?? (buckets === 0 ? missing : bucketOf(value))
    }
  })
}
