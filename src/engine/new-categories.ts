import type { TrainedModel } from '../model/model.js'
import { murmur3 } from '../numeric/murmur3.js'
import type { GrowingVocabularies } from '../schema/growing-vocabularies.js'
import { categoryCount, featureColumns, type Schema } from '../schema/schema.js'
import type { Learner } from './learner.js'

/**
 * Weights for the values that the first pass adds to the vocabularies of an initial model: those that it had for them until
 * then, of their bucket, or of "missing" where there are no buckets. So a value has the same score before and after it gets an index.
 *
 * They are the initial model's, not the bucket's at the time: what other values of the bucket have taught it since is not theirs.
 */
export class NewCategories {
  /** For every category slot: the first bucket, the number of buckets, the index of "missing". */
  readonly #slots: readonly { firstBucket: number; buckets: number; missing: number }[]
  /** Category index of the first of them. */
  readonly #first: number
  #begun = 0

  constructor(
    schema: Schema,
    private readonly model: TrainedModel,
    private readonly vocabularies: GrowingVocabularies,
    private readonly learner: Learner,
  ) {
    let first = schema.sharedBuckets ?? 0
    this.#slots = featureColumns(schema).categories.map((slot) => {
      const firstBucket = first + slot.values.length
      first += categoryCount(slot)
      return { firstBucket, buckets: slot.buckets, missing: first - 1 }
    })
    this.#first = first
  }

  /** To be called before a step or a score looks at the weights. */
  begin(): void {
    const { vocabularies, learner, model } = this
    if (vocabularies.size === this.#begun) return
    const { parameters, shape } = learner
    const { v, categoryWidth: width, parametersPerCategory: columns } = shape
    for (const { slot, key } of vocabularies.added(this.#begun)) {
      const from = this.#indexBefore(slot, key) * columns
      parameters.set(
        model.categoryWeights.subarray(from, from + columns),
        v + (this.#first + this.#begun++) * width,
      )
    }
  }

  /** The learner has the weights of an interrupted run, with those of all values so far. */
  restored(): void {
    this.#begun = this.vocabularies.size
  }

  #indexBefore(slot: number, key: Uint8Array): number {
    const { firstBucket, buckets, missing } = this.#slots[slot]!
    return buckets === 0 ? missing : firstBucket + (murmur3(key) & (buckets - 1))
  }
}
