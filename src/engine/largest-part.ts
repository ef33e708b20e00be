import { scaledSlots, type RowLayout } from '../step/rows.js'

/** A feature of a row, and what it is multiplied by. */
export interface Part {
  /** Address of the row. */
  readonly row: number
  /** Which dense feature, or which category slot. */
  readonly feature: { readonly dense: number } | { readonly slot: number }
  /** x: of a category, what multiplies its weight. */
  readonly value: number
  readonly factor: number
}

/** Encoded rows that lie one after the other. */
export interface RowRun {
  /** Address of the first one. */
  readonly rows: number
  readonly count: number
  /** Number of the first one within the mini-batch. */
  readonly first: number
}

/** What multiplies the features of a row, for output k. */
export interface Factors {
  readonly outputs: number
  /** `row`: number within the mini-batch. */
  dense(k: number, feature: number, row: number): number
  category(k: number, index: number, row: number): number
}

/**
 * The largest |x·factor| over all features of these rows and all outputs; one that is not a finite number is larger than
 * all others, and of such parts the one with the largest |x|. Undefined where all features are 0.
 *
 * In f64, so that no product overflows. (D + C)·K products a row: it is for the one message that asks.
 */
export function largestPart(
  runs: Iterable<RowRun>,
  { f32, u32 }: { readonly f32: Float32Array; readonly u32: Uint32Array },
  layout: RowLayout,
  factors: Factors,
): Part | undefined {
  const factorWords = new Map(scaledSlots(layout).map(({ slotWord, factorWord }) => [slotWord, factorWord]))
  let largest: Part | undefined
  const offer = (part: Part): void => {
    if (part.value !== 0 && (largest === undefined || isLarger(part, largest))) largest = part
  }
  for (const { rows, count, first } of runs) {
    for (let i = 0; i < count; i++) {
      const row = rows + i * layout.strideWords * 4
      const words = row >>> 2
      for (let k = 0; k < factors.outputs; k++) {
        for (let dense = 0; dense < layout.dense; dense++) {
          const factor = factors.dense(k, dense, first + i)
          offer({ row, feature: { dense }, value: f32[words + dense]!, factor })
        }
        for (let slot = 0; slot < layout.categories; slot++) {
          const word = layout.denseWords + slot
          const scaledBy = factorWords.get(word)
          const value = scaledBy === undefined ? 1 : f32[words + scaledBy]!
          const factor = factors.category(k, u32[words + word]!, first + i)
          offer({ row, feature: { slot }, value, factor })
        }
      }
    }
  }
  return largest
}

function isLarger(part: Part, other: Part): boolean {
  const [size, otherSize] = [sizeOf(part), sizeOf(other)]
  return size === otherSize ? Math.abs(part.value) > Math.abs(other.value) : size > otherSize
}

function sizeOf({ value, factor }: Part): number {
  const size = Math.abs(value * factor)
  return Number.isNaN(size) ? Infinity : size
}
