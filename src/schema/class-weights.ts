import type { SharedMemory } from '../engine/memory.js'
import { usageError, shown, type MillraceError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { areBooleans, spellings } from './booleans.js'
import type { ContextAddress } from './parse-context.js'
import { countValues, type SampleChunk } from './sample.js'
import type { ClassTarget, Schema } from './schema.js'

/** A class by its name, and what the weights of its rows are multiplied by: a finite number ≥ 0. */
export type ClassWeight = readonly [name: string, weight: number]

/** Given weights, or `balanced`: every class counts as much as any other. */
export type GivenClassWeights = 'balanced' | readonly ClassWeight[]

/** Where rows are counted by class. */
export interface ClassSample {
  readonly memory: SharedMemory
  readonly context: ContextAddress
  readonly chunks: readonly SampleChunk[]
}

/**
 * What the weights of the rows of each class are multiplied by, in the order of the classes; those that are not named are
 * multiplied by 1.
 *
 * Balanced: n / (K · n_k), where n_k of n rows of the sample are of class k of K, so that Σ_k n_k · weight_k = n. The sample
 * decides, and not the rows as they come, so that all rows are learned from by the same weights.
 *
 * Throws a usage error where the target has no classes, a name is none of them, or all weights are 0.
 * Source of the formula: G. King, L. Zeng, "Logistic regression in rare events data", 2001; scikit-learn calls it balanced.
 */
export function classWeights(given: GivenClassWeights, schema: Schema, sample: ClassSample): Float64Array {
  const { target } = schema
  if (target.kind === 'number') throw noClasses(target.name)
  const weights = given === 'balanced' ? balanced(countClasses(target, schema, sample)) : named(given, target)
  if (weights.every((weight) => weight === 0)) {
    throw wrong(
      'all classes have a weight of 0, so that no row would teach anything',
      'give one of them more',
    )
  }
  return weights
}

/** weight_k = n / (K · n_k) */
export function balanced(counts: readonly number[]): Float64Array {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  return Float64Array.from(counts, (count) => rows / (counts.length * count))
}

/** Rows of the sample in each class. */
function countClasses(target: ClassTarget, schema: Schema, sample: ClassSample): number[] {
  const { columns, dialect } = schema
  const column = columns.findIndex(({ kind }) => kind === 'target')
  const missing = new Set(dialect.missingTokens)
  const { memory, context, chunks } = sample
  const values = countValues(memory, context, chunks, columns.length, [column], missing).get(column)!
  const counts = target.classes.map(() => 0)
  for (const [value, count] of values) counts[classIndex(target.classes, value)]! += count
  return counts
}

function named(given: readonly ClassWeight[], { name: target, classes }: ClassTarget): Float64Array {
  const weights = new Float64Array(classes.length).fill(1)
  for (const [name, weight] of given) {
    const index = classIndex(classes, name)
    if (index < 0) {
      throw wrong(`the target ${shown(target)} has no class ${shown(name)}`, didYouMean(name, classes))
    }
    weights[index] = weight
  }
  return weights
}

/** Of booleans, any spelling will do. */
function classIndex(classes: readonly string[], name: string): number {
  return areBooleans(classes) ? (spellings.get(name) ?? -1) : classes.indexOf(name)
}

function noClasses(target: string): MillraceError {
  return wrong(
    `the target ${shown(target)} is a number: it has no classes`,
    'weigh rows by a column of their own (--weight), or read the target as classes (--loss softmax)',
  )
}

function wrong(message: string, hint: string): MillraceError {
  return usageError('CLASS_WEIGHT', `classWeight: ${message}`, hint, { option: 'classWeight' })
}
