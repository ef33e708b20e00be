import type { Kernel } from '../../workers/kernel.js'

/** An activation a = f(z), number by number. */
export interface Activation {
  value(z: number): number
  /** f'(z); a is f(z). */
  slope(z: number, a: number): number
  readonly kernel: {
    readonly forward: Exclude<Extract<keyof Kernel, `activate${string}`>, `${string}Gradient`>
    readonly gradient: Extract<keyof Kernel, `activate${string}Gradient`>
  }
}

const relu: Activation = {
  value: (z) => Math.max(0, z),
  slope: (z) => (z > 0 ? 1 : 0),
  kernel: { forward: 'activateRelu', gradient: 'activateReluGradient' },
}

export const activationNames = ['relu', 'leaky-relu', 'tanh', 'sigmoid', 'gelu', 'silu'] as const
export type ActivationName = (typeof activationNames)[number]

/** Every activation by its name. */
export const activations = { relu } as unknown as Readonly<Record<ActivationName, Activation>>
