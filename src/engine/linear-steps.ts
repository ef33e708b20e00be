import type { Kernel } from '../../workers/kernel.js'
import type { LinearPlan, ModelPlan } from '../../workers/protocol.js'
import type { ModelSteps } from './steps.js'

/** Forward and backprop of a linear model, as the kernel computes them. Their twins: step/forward.ts, step/backprop.ts. */
export function linearSteps(kernel: Kernel, plan: ModelPlan, { w, bias, biasWord }: LinearPlan): ModelSteps {
  const { stride, denseWords, plainCategories, scaledSlots, outputs, v } = plan
  return {
    begin: () => undefined,
    forward(rows, count, z) {
      kernel.forwardLinear(rows, stride, count, denseWords, plainCategories, outputs, w, bias, v, z)
      for (const { slotWord, factorWord } of scaledSlots) {
        kernel.forwardScaled(rows, stride, count, slotWord, factorWord, outputs, v, z)
      }
    },
    backprop(rows, count, dz, partial) {
      kernel.backpropLinear(rows, stride, count, denseWords, outputs, dz, partial, partial + biasWord * 4)
    },
  }
}
