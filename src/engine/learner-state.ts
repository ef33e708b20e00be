import type { Optimizer, WeightAverage } from '../optimizer/index.js'
import type { Schedule } from '../schedule/index.js'
import type { DenseBlock } from './dense-block.js'
import type { TouchedCategories } from './touched-categories.js'

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

/** What of a learner steps change. */
export interface LearnerParts {
  readonly step: number
  readonly learningRate: number
  readonly weights: Float32Array
  readonly dense: DenseBlock
  readonly touched: TouchedCategories | undefined
  readonly average: WeightAverage | undefined
  readonly optimizer: Optimizer
  readonly schedule: Schedule
}

/** The vectors of a LearnerState: the learner's own, not copies of them. */
export function vectorsOf({
  weights,
  dense,
  touched,
  average,
  optimizer,
  schedule,
}: LearnerParts): Map<string, StateVector> {
  const vectors = new Map<string, StateVector>([['weights', weights]])
  optimizer.state.forEach(({ name }, i) => {
    vectors.set(`${name} of the dense block`, dense.state[i]!)
    if (touched !== undefined) vectors.set(`${name} of categories`, touched.state[i]!)
  })
  const paid = touched?.penaltiesPaid
  if (paid !== undefined) vectors.set('penalties paid', paid)
  if (average !== undefined) vectors.set('sums of the mean weights', average.sums)
  if (schedule.state !== undefined) vectors.set('schedule', schedule.state)
  return vectors
}

/** The counters of a LearnerState. */
export function countersOf({ step, learningRate, touched, average }: LearnerParts): Map<string, number> {
  const counters = new Map([
    ['step', step],
    ['learningRate', learningRate],
  ])
  if (average !== undefined) counters.set('averagedSteps', average.steps)
  const due = touched?.penaltiesDue
  if (due !== undefined) counters.set('duePenaltyRates', due.rates).set('duePenaltyDecay', due.decay)
  return counters
}
