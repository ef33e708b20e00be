import type { Kernel } from '../../workers/kernel.js'
import type { ShardPlan } from '../../workers/protocol.js'

/** The first three of the five steps, on a run of rows that lie one after the other in the shared memory. */
export interface ShardSteps {
  /** x, w → z. `rows` is the address of the first row, `first` its number within the mini-batch. */
  forward(rows: number, count: number, first: number): void
  /** z, y → loss, dz; adds Σ weight·loss and Σ weight to the totals of the shard. */
  loss(rows: number, count: number, first: number, shard: number): void
  /** x, dz → dw, added to the partial gradient at this address. */
  backprop(rows: number, count: number, first: number, partial: number): void
}

/** The steps as the kernel computes them, in f32. Their twins in plain TypeScript: src/step. */
export function kernelSteps(kernel: Kernel, plan: ShardPlan): ShardSteps {
  const { stride, denseWords, plainCategories, scaledSlots, outputs, labelWord, weightWord, w, bias, v } =
    plan
  const kernelLoss = kernel[plan.kernelLoss]!
  const rowBytes = outputs * 4
  return {
    forward(rows, count, first) {
      const z = plan.z + first * rowBytes
      kernel.forwardLinear(rows, stride, count, denseWords, plainCategories, outputs, w, bias, v, z)
      for (const { slotWord, factorWord } of scaledSlots) {
        kernel.forwardScaled(rows, stride, count, slotWord, factorWord, outputs, v, z)
      }
    },
    loss(rows, count, first, shard) {
      const z = plan.z + first * rowBytes
      const dz = plan.dz + first * rowBytes
      kernelLoss(
        rows,
        stride,
        count,
        labelWord,
        weightWord,
        outputs,
        plan.lossSetting,
        z,
        dz,
        plan.totals + shard * 16,
      )
    },
    backprop(rows, count, first, partial) {
      const dz = plan.dz + first * rowBytes
      kernel.backpropLinear(
        rows,
        stride,
        count,
        denseWords,
        outputs,
        dz,
        partial,
        partial + plan.biasWord * 4,
      )
    },
  }
}
