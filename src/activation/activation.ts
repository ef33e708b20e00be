import type { ActivationKernel } from '../../workers/kernel.js'

type KernelFunction = keyof ActivationKernel

/** An activation a = f(z), number by number, in f64. */
export interface Activation {
  /** f(z) */
  value(z: number): number
  /** f'(z), given a = f(z). */
  slope(z: number, a: number): number
  /** Its kernel twins. */
  readonly kernel: {
    readonly forward: Exclude<KernelFunction, `${string}Gradient`>
    readonly gradient: Extract<KernelFunction, `${string}Gradient`>
  }
}
