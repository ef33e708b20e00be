import type { TrainedModel } from '../model/model.js'
import { factorWords, interactionSides } from '../schema/interactions.js'
import {
  categoryCount,
  featureColumns,
  isNumber,
  type CategorySlot,
  type DenseColumn,
  type Schema,
} from '../schema/schema.js'
import { slotSalt } from '../schema/slot-salt.js'

/** A column that makes dense features, and where its features are among all. */
export interface DenseFeatures {
  readonly column: DenseColumn
  /** The first; those of a date are five in a row. */
  readonly first: number
  /** The one that is 1 where the value is missing. */
  readonly indicator: number | undefined
}

/** A category slot, and where its values are among all category indices. */
export interface SlotFeatures {
  readonly slot: CategorySlot
  /** The columns whose texts make its value: one, or two. */
  readonly columns: readonly string[]
  /** The dense feature that multiplies what the category adds. */
  readonly factor: number | undefined
  /** Index of the first value. */
  readonly first: number
  readonly missing: number
  /** Where values go that are in no vocabulary; undefined where there are no buckets. */
  readonly buckets: { readonly first: number; readonly count: number; readonly salt: number } | undefined
  /**
   * The index that stands for every value that is in no vocabulary: that of "missing" where there are no buckets, that of the
   * first bucket where all buckets have the same weights. Undefined: the value must be hashed.
   */
  readonly unseen: number | undefined
}

export interface ModelFeatures {
  readonly dense: readonly DenseFeatures[]
  /** In the order of the model: category columns, then interactions. */
  readonly slots: readonly SlotFeatures[]
  /** D */
  readonly denseCount: number
}

/** Where the features of each column are in the tensors of a model. */
export function modelFeatures(model: TrainedModel): ModelFeatures {
  const { schema } = model
  let denseCount = 0
  const dense = featureColumns(schema).numbers.map((column): DenseFeatures => {
    const first = denseCount
    denseCount += isNumber(column) ? 1 : column.parts.length
    return { column, first, indicator: column.indicator ? denseCount++ : undefined }
  })
  return { dense, slots: slotFeatures(schema, model.categoryWeights, categoryWidth(model)), denseCount }
}

/** Numbers that a category index stands for. */
export function categoryWidth(model: TrainedModel): number {
  if (model.kind === 'linear') return model.outputs
  return model.network.embedding > 0 ? model.network.embedding : model.layers[0]!.bias.length
}

function slotFeatures(schema: Schema, weights: Float32Array, width: number): SlotFeatures[] {
  const { sharedBuckets = 0 } = schema
  const { categories } = featureColumns(schema)
  const factors = factorWords(schema)
  const sharedUnseen = sharedBuckets > 0 ? sameRows(weights, width, 0, sharedBuckets) : undefined
  let next = sharedBuckets
  return categories.map((slot, number): SlotFeatures => {
    const first = next
    next += categoryCount(slot)
    const missing = next - 1
    const own =
      slot.kind === 'category' ? [slot.name] : interactionSides(schema.columns, slot.columns)!.categories
    const facts = {
      slot,
      columns: own,
      factor: factors[number - (categories.length - factors.length)],
      first,
      missing,
    }
    if (sharedBuckets > 0) {
      return {
        ...facts,
        buckets: { first: 0, count: sharedBuckets, salt: slotSalt(number) },
        unseen: sharedUnseen,
      }
    }
    if (slot.buckets === 0) return { ...facts, buckets: undefined, unseen: missing }
    const buckets = { first: first + slot.values.length, count: slot.buckets, salt: 0 }
    return { ...facts, buckets, unseen: sameRows(weights, width, buckets.first, buckets.count) }
  })
}

/** The first of `count` rows where all are the same, else undefined. */
function sameRows(weights: Float32Array, width: number, first: number, count: number): number | undefined {
  const from = first * width
  for (let i = from + width; i < from + count * width; i++)
    if (weights[i] !== weights[i - width]) return undefined
  return first
}

/** The texts that mean "missing", the empty one first. */
export function missingTexts({ dialect }: Schema): string[] {
  return [...new Set(['', ...dialect.missingTokens])]
}

/** The values of a slot that a row can have: a text that means "missing" is none, and no value is there twice. */
export function knownValues(
  { slot, columns, first }: SlotFeatures,
  schema: Schema,
): [value: string, index: number][] {
  const missing = new Set(columns.length === 1 ? missingTexts(schema) : [])
  return slot.values.flatMap((value, i): [string, number][] =>
    missing.has(value) ? [] : [[value, first + i]],
  )
}

/**
 * The pairs of texts that make a value of two columns, at every U+001F that it holds: mostly one.
 */
export function pairsOf(value: string, separator = '\x1f'): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = value.indexOf(separator); at >= 0; at = value.indexOf(separator, at + 1)) {
    pairs.push([value.slice(0, at), value.slice(at + 1)])
  }
  return pairs
}
