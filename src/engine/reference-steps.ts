import type { NetworkPlan, ShardPlan } from '../../workers/protocol.js'
import type { Loss } from '../loss/index.js'
import { Purpose, randomBits } from '../numeric/random.js'
import type { ModelShape } from '../model/model-shape.js'
import type { NetworkShape } from '../model/network.js'
import { backpropLinear } from '../step/backprop.js'
import { forward } from '../step/forward.js'
import { dropoutSettings } from '../step/dropout.js'
import { backpropNetwork } from '../step/network-backprop.js'
import { forwardNetwork, type Activations, type Dropout } from '../step/network-forward.js'
import { lossAndGradient } from '../step/loss.js'
import type { EncodedRows, FloatVector, RowLayout } from '../step/rows.js'
import { categoryGradients } from './category-gradients.js'
import type { Views } from './memory.js'
import type { ShardSteps } from './steps.js'

/** The first three steps in plain TypeScript (src/step), in f64 arithmetic on the same shared memory: `--backend reference`. */
export function referenceSteps(
  views: Views,
  plan: ShardPlan,
  layout: RowLayout,
  shape: ModelShape,
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
  const {
    begin,
    forward: score,
    backprop,
  } = shape.kind === 'network'
    ? networkSteps(views.f32, plan, shape, parameters)
    : {
        begin: () => undefined,
        forward: (rows: EncodedRows, z: FloatVector) => forward(shape, parameters, rows, z),
        backprop: (rows: EncodedRows, dz: FloatVector, gradient: FloatVector) =>
          backpropLinear(shape, rows, dz, gradient),
      }
  return {
    begin,
    forward: (rows, count, first) => score(run(rows, count), scores(plan.z, count, first), first),
    loss(rows, count, first, shard) {
      const totals = views.f64.subarray((plan.totals >>> 3) + shard * 2, (plan.totals >>> 3) + shard * 2 + 2)
      const z = scores(plan.z, count, first)
      lossAndGradient(loss, outputs, run(rows, count), z, scores(plan.dz, count, first), totals)
    },
    backprop(rows, count, first, partial) {
      backprop(
        run(rows, count),
        scores(plan.dz, count, first),
        words(partial, shape.denseParameterWords),
        first,
      )
    },
  }
}

/** What forward leaves for backprop is kept from one call to the next; the gradients of categories go to the shared memory. */
function networkSteps(f32: Float32Array, plan: ShardPlan, shape: NetworkShape, parameters: FloatVector) {
  let kept: Activations
  let keys: number[] = []
  const { dropout, seed } = plan.model as NetworkPlan
  const leftOut = (firstRow: number): Dropout => ({ ...dropoutSettings(dropout), keys, firstRow })
  return {
    begin(step: number): void {
      keys = shape.settings.hidden.map((_, layer) => randomBits(seed, Purpose.Dropout, step, layer))
    },
    forward(rows: EncodedRows, z: FloatVector, first: number): void {
      kept = forwardNetwork(shape, parameters, rows, z, leftOut(first))
    },
    backprop(rows: EncodedRows, dz: FloatVector, gradient: FloatVector, first: number): void {
      const slopes = backpropNetwork(shape, parameters, rows, kept, dz, gradient, leftOut(first))
      if (shape.categories === 0) return
      const { width, parts } = categoryGradients(plan, shape.categoryWidth)
      const blocks = shape.settings.embedding === 0 ? parts.slice(0, 1) : parts
      for (const [c, { start }] of blocks.entries()) {
        for (let r = 0; r < rows.count; r++) {
          const from = slopes.first + r * slopes.step + c * shape.settings.embedding
          const row = slopes.words.subarray(from, from + shape.parametersPerCategory)
          f32.set(row, (start >>> 2) + (first + r) * width)
        }
      }
    },
  }
}
