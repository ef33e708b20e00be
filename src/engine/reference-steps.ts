import type { ShardPlan } from '../../workers/protocol.js'
import type { Loss } from '../loss/index.js'
import type { LinearShape } from '../model/linear.js'
import { backpropLinear } from '../step/backprop.js'
import { forward } from '../step/forward.js'
import { lossAndGradient } from '../step/loss.js'
import type { EncodedRows, RowLayout } from '../step/rows.js'
import type { Views } from './memory.js'
import type { ShardSteps } from './steps.js'

/** The first three steps in plain TypeScript (src/step), in f64 arithmetic on the same shared memory: `--backend reference`. */
export function referenceSteps(
  views: Views,
  plan: ShardPlan,
  layout: RowLayout,
  shape: LinearShape,
  loss: Loss,
): ShardSteps {
  const words = (address: number, count: number) => views.f32.subarray(address >>> 2, (address >>> 2) + count)
  const parameters = words(plan.v - shape.v * 4, shape.words)
  const { outputs } = shape
  const run = (rows: number, count: number): EncodedRows => ({
    layout,
    words: views.f32,
    indices: views.u32,
    firstWord: rows >>> 2,
    count,
  })
  const scores = (address: number, count: number, first: number) =>
    words(address + first * outputs * 4, count * outputs)
  return {
    forward: (rows, count, first) =>
      forward(shape, parameters, run(rows, count), scores(plan.z, count, first)),
    loss(rows, count, first, shard) {
      const totals = views.f64.subarray((plan.totals >>> 3) + shard * 2, (plan.totals >>> 3) + shard * 2 + 2)
      const z = scores(plan.z, count, first)
      lossAndGradient(loss, outputs, run(rows, count), z, scores(plan.dz, count, first), totals)
    },
    backprop(rows, count, first, partial) {
      backpropLinear(shape, run(rows, count), scores(plan.dz, count, first), words(partial, shape.words))
    },
  }
}
