import type { ActivationName } from '../activation/index.js'
import { normalDistribution, sigmoid, tanh } from './float32.js'

const LEAK = Math.fround(0.01)

/** Every activation in f32, with the bits of its kernel twin (workers/kernel/activation.ts). */
export const activationsInF32: Readonly<Record<ActivationName, (z: number) => number>> = {
  relu: (z) => (z < 0 ? 0 : z),
  'leaky-relu': (z) => (z < 0 ? Math.fround(z * LEAK) : z),
  tanh,
  sigmoid,
  gelu: (z) => Math.fround(Math.max(z, -14.5) * normalDistribution(z)),
  silu: (z) => Math.fround(Math.max(z, -110) * sigmoid(z)),
}
