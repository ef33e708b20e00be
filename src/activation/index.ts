import { gelu } from './gelu.js'
import { leakyRelu } from './leaky-relu.js'
import { relu } from './relu.js'
import { sigmoid } from './sigmoid.js'
import { silu } from './silu.js'
import { tanh } from './tanh.js'
import type { Activation } from './activation.js'

export type { Activation } from './activation.js'

/** Every activation by the name that `--activation` takes. */
export const activations = { relu, 'leaky-relu': leakyRelu, tanh, sigmoid, gelu, silu } satisfies Record<
  string,
  Activation
>

export type ActivationName = keyof typeof activations

export const activationNames = Object.keys(activations) as ActivationName[]
