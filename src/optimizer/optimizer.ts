/** What one call to an optimizer reads and writes; the three vectors and every state vector have the same indices. */
export interface Descent {
  /** Mean gradient of the mini-batch, read. */
  gradient: Float32Array
  /** One vector for each of `Optimizer.state`, read and written. */
  state: readonly Float32Array[]
  /** What is to be added to the weights, written. */
  change: Float32Array
  /** The first parameter of the call. */
  from: number
  /** The parameter after the last of the call. */
  to: number
  /** Learning rate of this step, > 0. */
  learningRate: number
  /** The step, counted from 1 over the whole run. */
  step: number
}

/** One vector, as long as the parameters, that an optimizer keeps from step to step. */
export interface StateVector {
  readonly name: string
  /** The value of every entry before the first step. */
  readonly initial: number
}

/**
 * Turns a gradient into a change of the weights.
 *
 * A dense block of parameters is given once a step. The weights of a category are given only in a step whose rows
 * hold that category, so their state decays by the steps that touched them, not by all steps ("lazy" updates).
 *
 * Arithmetic is f64 with +, −, ×, ÷ and sqrt only, rounded once to f32 when it is stored: the same bits everywhere.
 * Every entry depends on its own gradient and state alone, so a range may be cut anywhere.
 */
export interface Optimizer {
  readonly name: string
  readonly state: readonly StateVector[]
  /** A rate for standardised features and any loss: rather slow than divergent. */
  readonly defaultLearningRate: number
  descent(descent: Descent): void
}

/** How an optimizer is made: settings by name, all numbers, with their defaults. */
export interface OptimizerFactory<Settings extends object> {
  readonly defaults: Readonly<Settings>
  /** Throws a usage error where a setting is out of range. */
  create(settings: Readonly<Settings>): Optimizer
}
