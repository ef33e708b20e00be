import type { WeightPart } from '../../model/weight-parts.js'

/** How often values lie between limits: counts[i] of them in [limits[i − 1], limits[i]). */
export interface Histogram {
  readonly min: number
  readonly max: number
  /** Values. */
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

const SMALLEST = 1e-12
const GROWTH = 1.1
/** Of a part with more weights as many are counted, evenly spaced. */
const MOST_COUNTED = 1 << 17

/** v₀ = 1e-12, v₀·1.1, … below 1e20: TensorFlow's limits above 0 (tsl/lib/histogram/histogram.cc). */
const positive: number[] = []
for (let limit = SMALLEST; limit < 1e20; limit *= GROWTH) positive.push(limit)

/** Those below 0, 0, those above, and a last one that nothing reaches. */
const limits = [
  -Number.MAX_VALUE,
  ...positive.map((limit) => -limit).reverse(),
  0,
  ...positive,
  Number.MAX_VALUE,
]
const ZERO = positive.length + 1
const PER_LIMIT = 1 / Math.log(GROWTH)

/** The first limit above the value, which is finite. */
function bucketOf(value: number): number {
  if (value === 0) return ZERO + 1
  const size = Math.abs(value)
  const power = Math.floor(Math.log(size / SMALLEST) * PER_LIMIT) + 1
  const guess = Math.min(Math.max(power, 0), positive.length)
  // Limits are products of roundings, and so is the guess.
  let at = value > 0 ? ZERO + guess : ZERO - guess
  while (limits[at]! > value) at--
  while (limits[at]! <= value) at++
  return at
}

/** Counts the weights of a part; undefined where it has none. */
export function weightHistogram(part: WeightPart, parameters: Float32Array): Histogram | undefined {
  const counts = new Float64Array(limits.length)
  let [num, sum, sumSquares, min, max] = [0, 0, 0, Infinity, -Infinity]
  const sizes = part.runs.map(({ from, rows, columns, strideWords }) => ({
    from,
    columns,
    strideWords,
    values: columns * (rows ?? Math.floor((parameters.length - from) / strideWords)),
  }))
  const all = sizes.reduce((total, { values }) => total + values, 0)
  const every = Math.max(1, Math.ceil(all / MOST_COUNTED))
  for (const { from, columns, strideWords, values } of sizes) {
    for (let i = 0; i < values; i += every) {
      const value = parameters[from + Math.floor(i / columns) * strideWords + (i % columns)]!
      if (!Number.isFinite(value)) continue
      counts[bucketOf(value)]!++
      num++
      sum += value
      sumSquares += value * value
      min = Math.min(min, value)
      max = Math.max(max, value)
    }
  }
  return num === 0 ? undefined : { min, max, num, sum, sumSquares, ...withoutEmpty(counts) }
}

/** Empty buckets next to each other become one, as TensorFlow writes them. */
function withoutEmpty(all: Float64Array): Pick<Histogram, 'limits' | 'counts'> {
  const kept: { limits: number[]; counts: number[] } = { limits: [], counts: [] }
  for (let at = 0; at < all.length; at++) {
    const count = all[at]!
    if (count === 0) while (at + 1 < all.length && all[at + 1] === 0) at++
    kept.limits.push(limits[at]!)
    kept.counts.push(count)
  }
  return kept
}

/** The weights of a tensor, nothing but weights. */
export function tensorHistogram(tensor: Float32Array): Histogram | undefined {
  const run = { from: 0, rows: 1, columns: tensor.length, strideWords: tensor.length }
  return weightHistogram({ name: '', runs: [run] }, tensor)
}
