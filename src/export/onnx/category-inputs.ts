import type { Schema } from '../../schema/schema.js'
import { knownValues, missingTexts, pairsOf, type SlotFeatures } from '../model-features.js'
import type { CategoryTable } from './category-table.js'
import type { Graph } from './graph.js'
import { withBlanks } from './texts.js'

/** Stands for "in no vocabulary" until the value is hashed. */
const NOT_KNOWN = 2 ** 31 - 1

/** The place in the table of the value of a slot, rows × 1. */
export function categoryInput(
  graph: Graph,
  schema: Schema,
  slot: SlotFeatures,
  table: CategoryTable,
  inputOf: (column: string) => string,
): string {
  const { buckets, unseen } = slot
  const inputs = slot.columns.map(inputOf)
  // Buckets first: they must lie beside each other.
  const firstBucket = unseen === undefined ? table.run(buckets!.first, buckets!.count) : 0
  const otherwise = unseen === undefined ? NOT_KNOWN : table.of(unseen)
  const index =
    inputs.length === 1
      ? singleIndex(graph, schema, slot, table, inputs[0]!, otherwise)
      : pairIndex(graph, schema, slot, table, inputs as [string, string], otherwise)
  if (unseen !== undefined) return index
  const text = inputs.length === 1 ? inputs[0]! : pairText(graph, inputs as [string, string])
  const bucket = hashed(graph, text, buckets!, firstBucket)
  const isUnknown = graph.node('Equal', [index, graph.wholes('not_known', [NOT_KNOWN])])
  return graph.node('Where', [isUnknown, bucket, index])
}

/** All texts that mean "missing", with a blank around them or not. */
function missingKeys(schema: Schema): string[] {
  return [...new Set(missingTexts(schema).flatMap(withBlanks))]
}

function singleIndex(
  graph: Graph,
  schema: Schema,
  slot: SlotFeatures,
  table: CategoryTable,
  input: string,
  otherwise: number,
): string {
  const places = new Map(knownValues(slot, schema).map(([value, index]) => [value, table.of(index)]))
  const missing = table.of(slot.missing)
  for (const text of missingKeys(schema)) places.set(text, missing)
  return graph.lookUp(input, {
    keys_strings: [...places.keys()],
    values_int64s: [...places.values()],
    default_int64: otherwise,
  })
}

/**
 * The numbers of both texts make one, which is looked up: n of the first · (texts of the second) + n of the second. Texts that
 * mean "missing" have a number too, and so have those of no pair.
 */
function pairIndex(
  graph: Graph,
  schema: Schema,
  slot: SlotFeatures,
  table: CategoryTable,
  inputs: readonly [string, string],
  otherwise: number,
): string {
  const missing = missingKeys(schema)
  const isMissing = new Set(missing)
  const pairs = knownValues(slot, schema).flatMap(([value, index]) => {
    return pairsOf(value)
      .filter((pair) => !pair.some((text) => isMissing.has(text)))
      .map((pair) => ({ pair, place: table.of(index) }))
  })
  const numbers = [0, 1].map((side) => {
    const texts = [...new Set(pairs.map(({ pair }) => pair[side]!))]
    return new Map(texts.map((text, i) => [text, i]))
  }) as [Map<string, number>, Map<string, number>]
  const counts = numbers.map((known) => known.size + 2) as [number, number]
  const sides = inputs.map((input, side) => {
    const known = numbers[side]!
    return graph.lookUp(input, {
      keys_strings: [...known.keys(), ...missing],
      values_int64s: [...known.values(), ...missing.map(() => known.size)],
      default_int64: known.size + 1,
    })
  })
  const keyOf = (a: number, b: number): number => a * counts[1] + b
  const places = new Map<number, number>()
  for (const { pair, place } of pairs)
    places.set(keyOf(numbers[0].get(pair[0])!, numbers[1].get(pair[1])!), place)
  const absent = table.of(slot.missing)
  for (let a = 0; a < counts[0]; a++) places.set(keyOf(a, counts[1] - 2), absent)
  for (let b = 0; b < counts[1]; b++) places.set(keyOf(counts[0] - 2, b), absent)
  const shifted = graph.node('Mul', [sides[0]!, graph.wholes('second_texts', [counts[1]])])
  return graph.lookUp(graph.node('Add', [shifted, sides[1]!]), {
    keys_int64s: [...places.keys()],
    values_int64s: [...places.values()],
    default_int64: otherwise,
  })
}

function pairText(graph: Graph, [first, second]: readonly [string, string]): string {
  const separator = graph.constant('separator', [1], ['\x1f'])
  return graph.textNode('StringConcat', [graph.textNode('StringConcat', [first, separator]), second])
}

/** (hash + salt) mod buckets. ONNX has no hash function; ONNX Runtime has MurmurHash3, with seed 0 over UTF-8. */
function hashed(
  graph: Graph,
  text: string,
  { count, salt }: NonNullable<SlotFeatures['buckets']>,
  firstBucket: number,
): string {
  const hash = graph.cast(graph.runtimeNode('MurmurHash3', [text]), 'int64')
  const salted = salt === 0 ? hash : graph.node('Add', [hash, graph.wholes('salt', [salt])])
  const bucket = graph.node('Mod', [salted, graph.wholes('buckets', [count])])
  return firstBucket === 0 ? bucket : graph.node('Add', [bucket, graph.wholes('first_bucket', [firstBucket])])
}
