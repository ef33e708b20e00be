import type { Penalties } from './penalties.js'

/** What one call to an optimizer reads and writes; all vectors have the same indices. */
export interface Descent {
  /** Weights before the step, read. */
  weights: Float32Array
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
  /** Of the weights of this call. Most optimizers leave them to step/descent.ts. */
  penalties: Penalties
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
 * Every entry depends on its own weight, gradient and state alone, so a range may be cut anywhere.
 */
export interface Optimizer {
  readonly name: string
  readonly state: readonly StateVector[]
  /** A rate for standardised features and any loss: rather slow than divergent. */
  readonly defaultLearningRate: number
  /** Strength of the decoupled weight decay where none is asked for. Default: 0. */
  readonly defaultWeightDecay?: number
  /** Reads the weights, and does what l1 and l2 ask for by itself. Default: false. */
  readonly appliesPenalties?: boolean
  descent(descent: Descent): void
  /**
   * How far a lasting gradient of 1 moves weight i in a step at a learning rate of 1, for the state after `step`: the
   * diagonal of the preconditioner. With it a penalty weighs as much against the loss under every optimizer.
   */
  preconditioner(state: readonly Float32Array[], i: number, step: number): number
}

/** How an optimizer is made: settings by name, all numbers, with their defaults. */
export interface OptimizerFactory<Settings extends object> {
  readonly defaults: Readonly<Settings>
  /** Throws a usage error where a setting is out of range. */
  create(settings: Readonly<Settings>): Optimizer
}
