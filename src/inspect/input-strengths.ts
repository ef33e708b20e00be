import type { NetworkModel } from '../model/index.js'
import { categoryCount, denseFeatures, featureColumns } from '../schema/schema.js'

/** How strongly the first layer of a network reads a column. */
export interface InputStrength {
  readonly column: string
  /** What one deviation of a number adds to the scores of the units, as a norm; of categories the root mean square over values. */
  readonly strength: number
}

/** Values of a vocabulary that are looked at: of more, so many that are evenly spaced. */
const MOST_VALUES = 1000

/**
 * How strongly the first layer of a network reads each column, the strongest first; it says what a network looks at, not what
 * follows from it. Strengths of several inputs of a column (parts of a date, "missing") add up as √(Σ strength²).
 */
export function inputStrengths(model: NetworkModel): InputStrength[] {
  const { schema, network, layers } = model
  const units = network.hidden[0]!
  const squares = new Map<string, number>()
  const add = (column: string, square: number): void => {
    squares.set(column, (squares.get(column) ?? 0) + square)
  }
  const dense = denseFeatures(schema)
  dense.forEach(({ column }, d) => {
    add(column, squareOf(layers[0]!.weights.subarray(d * units, (d + 1) * units)))
  })
  const { sharedBuckets = 0 } = schema
  let first = sharedBuckets
  featureColumns(schema).categories.forEach((slot, c) => {
    const own = categoryCount(slot)
    // Values that are hashed to buckets in front are in none of the slot's own places.
    const places = sharedBuckets > 0 ? { from: 0, count: sharedBuckets } : { from: first, count: own }
    add(slot.name, meanSquare(model, dense.length + c * network.embedding, places))
    first += own
  })
  return [...squares]
    .map(([column, square]) => ({ column, strength: Math.sqrt(square) }))
    .sort((a, b) => b.strength - a.strength)
}

/** Over the values of a category, whose embedding begins at this input. */
function meanSquare(
  model: NetworkModel,
  input: number,
  { from, count }: { from: number; count: number },
): number {
  const looked = Math.min(count, MOST_VALUES)
  let sum = 0
  for (let i = 0; i < looked; i++) {
    sum += squareOf(addedBy(model, input, from + Math.floor((i * count) / looked)))
  }
  return sum / looked
}

/** What a category adds to the scores of the first layer's units: Σ_e v[e]·W[input + e], or v itself where there is no embedding. */
function addedBy(
  { network, layers, categoryWeights }: NetworkModel,
  input: number,
  index: number,
): Float32Array {
  const { embedding } = network
  const units = network.hidden[0]!
  if (embedding === 0) return categoryWeights.subarray(index * units, (index + 1) * units)
  const added = new Float32Array(units)
  for (let e = 0; e < embedding; e++) {
    const number = categoryWeights[index * embedding + e]!
    for (let u = 0; u < units; u++) added[u]! += number * layers[0]!.weights[(input + e) * units + u]!
  }
  return added
}

function squareOf(numbers: Float32Array): number {
  return numbers.reduce((sum, number) => sum + number * number, 0)
}
