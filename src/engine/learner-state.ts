/** All that a learner knows between two steps: vectors, and numbers that no f32 would hold. */
export interface LearnerState {
  /** By name: the weights, the optimizer's state, what of the penalties is paid, the sums of the mean of the weights. */
  readonly vectors: ReadonlyMap<string, StateVector>
  /** By name: the step and its learning rate, the steps in the mean of the weights, penalties due, the schedule's own. */
  readonly counters: ReadonlyMap<string, number>
}

export type StateVector = Float32Array | Float64Array

/**
 * from → into, bit for bit. Throws a RangeError, before anything is changed, where the two do not have the same vectors: of
 * the same names, lengths and types.
 */
export function copyVectors(from: LearnerState['vectors'], into: LearnerState['vectors']): void {
  const describe = (vectors: LearnerState['vectors']): string =>
    [...vectors].map(([name, vector]) => `${name}: ${vector.constructor.name} of ${vector.length}`).join(', ')
  if (describe(from) !== describe(into)) {
    throw new RangeError(`expected the vectors ${describe(into)}; got ${describe(from)}`)
  }
  for (const [name, vector] of into) vector.set(from.get(name)!)
}
