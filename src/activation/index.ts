import { gelu } from './gelu.js'
import { leakyRelu } from './leaky-relu.js'
import { relu } from './relu.js'
import { sigmoid } from './sigmoid.js'
import { silu } from './silu.js'
import { tanh } from './tanh.js'
import type { Activation } from './activation.js'

export type { Activation } from './activation.js'

/** Apart from the functions: reading a model file needs only names, and `millrace/predict` is to be small. */
export const activationNames = ['relu', 'leaky-relu', 'tanh', 'sigmoid', 'gelu', 'silu'] as const

export type ActivationName = (typeof activationNames)[number]

/** Every activation by the name that `--activation` takes. */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  relu,
  'leaky-relu': leakyRelu,
  tanh,
  sigmoid,
  gelu,
  silu,
}
