import type { Kernel } from '../../workers/kernel.js'
import type { ModelPlan, ShardPlan } from '../../workers/protocol.js'
import { linearSteps } from './linear-steps.js'
import { networkSteps } from './network-steps.js'

/** The first three of the five steps, on a run of rows that lie one after the other in the shared memory. */
export interface ShardSteps {
  /** Comes before the others; `step` is the number of steps done before this one. */
  begin(step: number): void
  /** x, w → z. `rows` is the address of the first row, `first` its number within the mini-batch. */
  forward(rows: number, count: number, first: number): void
  /** z, y → loss, dz; adds Σ weight·loss and Σ weight to the totals of the shard. */
  loss(rows: number, count: number, first: number, shard: number): void
  /** x, dz → dw, added to the partial gradient at this address. */
  backprop(rows: number, count: number, first: number, partial: number): void
}

/** The steps that depend on the kind of the model; z and dz are addresses of K numbers a row. */
export interface ModelSteps {
  /** A training step; without it, nothing is dropped out. */
  begin(step: number): void
  /** `first` is the number of the first row within the mini-batch. */
  forward(rows: number, count: number, z: number, first: number): void
  /** Follows `forward` of the same rows. */
  backprop(rows: number, count: number, dz: number, partial: number, first: number): void
}

/** Forward and backprop as the kernel computes them, in f32; `scratch` is a ptr to scratchBytes(plan) that nobody else uses. */
export function modelSteps(kernel: Kernel, plan: ModelPlan, scratch: number): ModelSteps {
  const { model } = plan
  return model.kind === 'linear'
    ? linearSteps(kernel, plan, model)
    : networkSteps(kernel, plan, model, scratch)
}

/** The steps as the kernel computes them, in f32. Their twins in plain TypeScript: src/step. */
export function kernelSteps(kernel: Kernel, plan: ShardPlan, scratch: number): ShardSteps {
  const { stride, outputs, labelWord, weightWord, lossSetting } = plan
  const model = modelSteps(kernel, plan, scratch)
  const kernelLoss = kernel[plan.kernelLoss]!
  const rowBytes = outputs * 4
  return {
    begin: (step) => model.begin(step),
    forward: (rows, count, first) => model.forward(rows, count, plan.z + first * rowBytes, first),
    loss(rows, count, first, shard) {
      const z = plan.z + first * rowBytes
      const dz = plan.dz + first * rowBytes
      const totals = plan.totals + shard * 16
      kernelLoss(rows, stride, count, labelWord, weightWord, outputs, lossSetting, z, dz, totals)
    },
    backprop: (rows, count, first, partial) =>
      model.backprop(rows, count, plan.dz + first * rowBytes, partial, first),
  }
}

/** Bytes of scratch that the steps need. */
export function scratchBytes({ model }: ModelPlan): number {
  return model.kind === 'linear' ? 0 : model.scratchBytes
}
