import { defaultEmbedding } from '../model/embedding.js'
import type { NetworkSettings } from '../model/network.js'
import type { ResolvedOptions } from '../options.js'
import { categoryCount, featureColumns, type Schema } from '../schema/schema.js'

/** The network that the options ask for, undefined where the model is linear; the embedding by the vocabularies of the sample. */
export function networkSettings(
  { hidden, activation, layerNorm, embedding }: ResolvedOptions,
  schema: Schema,
): NetworkSettings | undefined {
  if (hidden === undefined) return undefined
  const { categories } = featureColumns(schema)
  const largest = Math.max(schema.sharedBuckets ?? 0, ...categories.map(categoryCount))
  const width = categories.length === 0 ? 0 : (embedding ?? defaultEmbedding(largest))
  return { hidden, activation, layerNorm, embedding: width }
}
