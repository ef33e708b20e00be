import type { ShardPlan } from '../../workers/protocol.js'

/** Neighbouring category slots whose rows of v have the same gradient in a row of the mini-batch. */
export interface CategoryGradient {
  /** The first slot, by its word in a row. */
  readonly slotWord: number
  readonly slots: number
  /** The word of the dense feature that multiplies it; there is then one slot. */
  readonly factorWord: number | undefined
  /** ptr to the gradients, `width` words for every row of the mini-batch. */
  readonly start: number
}

/** Where steps leave the gradients of what categories bring: for every row, before rows of the same category are added up. */
export interface CategoryGradients {
  readonly width: number
  readonly parts: readonly CategoryGradient[]
}

/**
 * In a linear model every category adds to z, in a network without embeddings to the scores of the first layer: the
 * gradient of a row is that of all its categories. An embedding has a gradient of its own.
 */
export function categoryGradients(plan: ShardPlan, width: number): CategoryGradients {
  const { denseWords, plainCategories, scaledSlots, model } = plan
  const together = model.kind === 'linear' || model.embedding === 0
  const start = model.kind === 'linear' ? plan.dz : model.categoryGradients
  const step = together ? 0 : model.batchRows * width * 4
  const plain = together
    ? [{ slotWord: denseWords, slots: plainCategories, factorWord: undefined, start }]
    : Array.from({ length: plainCategories }, (_, c) => ({
        slotWord: denseWords + c,
        slots: 1,
        factorWord: undefined,
        start: start + c * step,
      }))
  const scaled = scaledSlots.map((slot, i) => ({
    ...slot,
    slots: 1,
    start: start + (plainCategories + i) * step,
  }))
  return { width, parts: [...plain, ...scaled] }
}
