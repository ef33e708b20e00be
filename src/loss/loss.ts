import type { LossKernel } from '../../workers/kernel.js'
import type { KnownLoss, MetricTask } from '../metric/index.js'
import type { FloatVector } from '../step/rows.js'
import type { LossName } from './index.js'

/** What the target is: a number, one of two classes (0, 1), or one of several (0, 1, 2, …). */
export type TargetKind = 'number' | 'binary' | 'classes'

/** The numbers that a loss is defined for. */
export type TargetRange = 'any' | 'not negative' | 'positive'

/** The functions of the kernel that compute this loss and its prediction. */
export interface LossKernelNames {
  readonly loss: Extract<keyof LossKernel, `loss${string}`>
  readonly predict: Extract<keyof LossKernel, `predict${string}`>
}

/** A number that the user may choose, under the name of its option. */
export interface LossSetting {
  /** Completes "expected …". */
  readonly expected: string
  readonly holds: (value: number) => boolean
  /** What it is when it is left out, for a target of this standard deviation. */
  readonly byDefault: (scale: number) => number
}

/** What is the same for every setting of a loss, and the settings themselves. */
export interface LossFacts<Setting extends string = string> {
  readonly settings: Readonly<Record<Setting, LossSetting>>
  readonly targetKind: TargetKind
  /** Of a number: y is divided by its mean where it may not be any number, else standardised. Default: any. */
  readonly targetRange?: TargetRange
  readonly kernel: LossKernelNames
  /** What its predictions are measured by. */
  readonly metrics: MetricTask
  /** The name by which the field knows this loss, or a multiple of it, where it has one. */
  readonly knownAs?: KnownLoss
  /** K, the scores of a row, for a target with this many classes. */
  outputs(classes: number): number
}

/**
 * The equations of a loss, for one row: its value, its gradient, and what z predicts. Neither summed nor averaged.
 *
 * z holds the K scores of the row in z[at … at + K); y is a number, or the index of a class.
 */
export interface LossEquations {
  /** The one number that the kernel needs besides z and y; 0 where it needs none. */
  readonly setting: number
  /** A loss times this is in the units of the data: y was divided by `scale` before. */
  readonly unit: number
  /** loss(z, y) */
  value(z: FloatVector, at: number, outputs: number, y: number): number
  /** dz[at + k] = ∂loss/∂z[at + k] */
  gradient(z: FloatVector, at: number, outputs: number, y: number, dz: FloatVector): void
  /** prediction[at + k], from the scores alone. */
  predict(z: FloatVector, at: number, outputs: number, prediction: FloatVector): void
}

/** The equations for these settings; scale > 0: units of the target in one unit of y. */
export type CreateEquations<Setting extends string = string> = (
  settings: Readonly<Record<Setting, number>>,
  scale: number,
) => LossEquations

/** A loss that is ready for use. */
export interface Loss extends Omit<LossFacts, 'settings'>, LossEquations {
  readonly name: LossName
  /** In the units of the data, by the name of the option; what a model file keeps. */
  readonly settings: Readonly<Record<string, number>>
}
