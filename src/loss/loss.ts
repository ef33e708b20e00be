import type { LossKernel } from '../../workers/kernel.js'
import type { FloatVector } from '../step/rows.js'

/** What the target is: a number, one of two classes (0, 1), or one of several (0, 1, 2, …). */
export type TargetKind = 'number' | 'binary' | 'classes'

/** The functions of the kernel that compute this loss and its prediction. */
export interface LossKernelNames {
  readonly loss: Extract<keyof LossKernel, `loss${string}`>
  readonly predict: Extract<keyof LossKernel, `predict${string}`>
}

/**
 * A loss of one row: its value, its gradient, and what z predicts. Neither summed nor averaged, and never halved.
 *
 * z holds the K scores of the row in z[at … at + K); y is a number, or the index of a class.
 */
export interface Loss {
  readonly name: string
  readonly targetKind: TargetKind
  readonly kernel: LossKernelNames
  /** K, the scores of a row, for a target with this many classes. */
  outputs(classes: number): number
  /** loss(z, y) */
  value(z: FloatVector, at: number, outputs: number, y: number): number
  /** dz[at + k] = ∂loss/∂z[at + k] */
  gradient(z: FloatVector, at: number, outputs: number, y: number, dz: FloatVector): void
  /** prediction[at + k], from the scores alone. */
  predict(z: FloatVector, at: number, outputs: number, prediction: FloatVector): void
}
