import type { FloatVector } from './rows.js'

/**
 * Step 5, update: w[i] += change[i] for from ≤ i < to.
 *
 * Nothing else writes the parameters, and no shard is computed while this runs.
 */
export function update(parameters: FloatVector, change: FloatVector, from: number, to: number): void {
  for (let i = from; i < to; i++) parameters[i]! += change[i]!
}
