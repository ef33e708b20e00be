import type { RowLayout } from '../step/rows.js'

/** Vocabularies up to this size are embedded in this many numbers; larger ones in LARGEST. */
const WIDTHS = [
  [4, 4],
  [16, 8],
] as const
const LARGEST = 16

/**
 * How many numbers a category becomes where the options do not say: 4 where the largest vocabulary has up to 4 values,
 * 8 up to 16 values, and 16 beyond, "missing" and shared buckets counted.
 *
 * It is about 1.6·n^0.56, cut off at 16 (J. Howard, S. Gugger, fastai, 2020), in whole vectors.
 */
export function defaultEmbedding(largestVocabulary: number): number {
  return WIDTHS.find(([values]) => largestVocabulary <= values)?.[1] ?? LARGEST
}

/** Words of a row as the first layer sees it: dense features with their padding, then the embeddings of the categories. */
export function layerInputs({ denseWords, categories }: RowLayout, embedding: number): number {
  return denseWords + categories * embedding
}
