/**
 * The kernel's gradient of a whole network against the f64 reference, within a bound that is derived along the way: every
 * product of n terms adds γ_n (random-rows.ts) of the sum of their sizes, what comes in wrong is carried on by the weights
 * and by how steep the activation is at most. N. Higham, "Accuracy and stability of numerical algorithms", 2002, section 3.
 */
import { expect, it } from 'vitest'
import { activationNames, activations, type ActivationName } from '../../src/activation/index.js'
import { Learner } from '../../src/engine/learner.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { BatchWord } from '../../src/engine/batch.js'
import { compileKernel } from '../../src/engine/pool.js'
import { shardsGradient } from '../../src/engine/shards.js'
import { kernelSteps } from '../../src/engine/steps.js'
import { createLoss } from '../../src/loss/index.js'
import { layerParts, networkShape, type NetworkShape } from '../../src/model/network.js'
import { createOptimizer, noPenalties } from '../../src/optimizer/index.js'
import { createSchedule } from '../../src/schedule/index.js'
import { rowLayout } from '../../src/step/rows.js'
import { gamma, uniform } from '../step/random-rows.js'

const ROWS = 40
const FEATURES = 9
const u = 2 ** -24

/**
 * Of each activation: the error of its value in units in the last place and of its slope, as test/kernel/activation.test.ts
 * has them; the largest slope, and the largest slope of the slope where it has no kink.
 */
const bounds: Record<
  ActivationName,
  { ulps: number; slope: number; steepest: number; bend: number; kink: boolean }
> = {
  relu: { ulps: 0, slope: 0, steepest: 1, bend: 0, kink: true },
  'leaky-relu': { ulps: 1, slope: 2 ** -31, steepest: 1, bend: 0, kink: true },
  tanh: { ulps: 2, slope: 2 ** -22, steepest: 1, bend: 0.77, kink: false },
  sigmoid: { ulps: 2.5, slope: 2 ** -23, steepest: 0.25, bend: 0.1, kink: false },
  gelu: { ulps: 10, slope: 2 ** -21, steepest: 1.13, bend: 0.8, kink: false },
  silu: { ulps: 3, slope: 2 ** -22, steepest: 1.1, bend: 0.5, kink: false },
}

/** A number that was to be `value` and is off by at most `error`. */
interface Bounded {
  value: number
  error: number
}

/** Σ a·b + start, added up in f32 with so many roundings; `start` and the sizes of inputs are what the kernel may have seen. */
function sumOfProducts(
  a: readonly Bounded[],
  b: readonly Bounded[],
  start: number,
  roundings: number,
): Bounded {
  let value = start
  let size = Math.abs(start)
  let carried = 0
  a.forEach((left, i) => {
    const right = b[i]!
    value += left.value * right.value
    const [seenLeft, seenRight] = [Math.abs(left.value) + left.error, Math.abs(right.value) + right.error]
    size += seenLeft * seenRight
    carried += left.error * seenRight + Math.abs(left.value) * right.error
  })
  return { value, error: carried + gamma(roundings) * size }
}

const exact = (value: number): Bounded => ({ value, error: 0 })
const column = (rows: readonly Bounded[][], k: number): Bounded[] => rows.map((row) => row[k]!)

function activated({ value: z, error }: Bounded, name: ActivationName): Bounded {
  const { ulps, steepest } = bounds[name]
  const value = activations[name].value(z)
  return { value, error: steepest * error + ulps * 2 * u * (Math.abs(value) + steepest * error) + 2 ** -126 }
}

/** da times the slope at z. */
function throughActivation(da: Bounded, { value: z, error }: Bounded, name: ActivationName): Bounded {
  const { slope: slopeError, steepest, bend, kink } = bounds[name]
  const slope = activations[name].slope(z, activations[name].value(z))
  const moved = kink && Math.abs(z) <= error ? 1 : bend * error
  const seen = Math.abs(da.value) + da.error
  return {
    value: da.value * slope,
    error: da.error * steepest + seen * (moved + slopeError + u * (steepest + moved)),
  }
}

/** The gradient of Σ weight·(z − y)² with bounds, in the order in which parameters lie. */
function boundedGradient(
  shape: NetworkShape,
  parameters: Float32Array,
  x: number[][],
  y: number[],
  weight: number[],
): Map<number, Bounded> {
  const { activation } = shape.settings
  const inputs: Bounded[][][] = [x.map((row) => row.map(exact))]
  const scores: Bounded[][][] = []
  const weightsOf = (l: number, k: number, j: number): Bounded => {
    const { outputWords } = shape.layers[l]!
    return exact(layerParts(shape.layers[l]!, parameters).w[k * outputWords + j]!)
  }
  const rangeOf = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  shape.layers.forEach((layer, l) => {
    const { bias } = layerParts(layer, parameters)
    const z = inputs[l]!.map((row) =>
      rangeOf(layer.outputs).map((j) => {
        const w = rangeOf(layer.inputs).map((k) => weightsOf(l, k, j))
        return sumOfProducts(row, w, bias[j]!, layer.inputs + 1)
      }),
    )
    scores.push(z)
    inputs.push(z.map((row) => row.map((score) => activated(score, activation))))
  })
  let dz = scores.at(-1)!.map((row, r) =>
    row.map(({ value, error }): Bounded => {
      const seen = Math.abs(value - y[r]!) + error
      return {
        value: 2 * weight[r]! * (value - y[r]!),
        error: 2 * weight[r]! * (error + gamma(2) * seen),
      }
    }),
  )
  const gradient = new Map<number, Bounded>()
  for (let l = shape.layers.length - 1; l >= 0; l--) {
    const layer = shape.layers[l]!
    for (let j = 0; j < layer.outputs; j++) {
      const slopes = column(dz, j)
      gradient.set(
        layer.bias + j,
        sumOfProducts(
          slopes,
          slopes.map(() => exact(1)),
          0,
          ROWS,
        ),
      )
      for (let k = 0; k < layer.inputs; k++) {
        const at = layer.w + k * layer.outputWords + j
        gradient.set(at, sumOfProducts(column(inputs[l]!, k), slopes, 0, ROWS + 1))
      }
    }
    if (l === 0) break
    dz = dz.map((row, r) =>
      rangeOf(layer.inputs).map((k) => {
        const w = rangeOf(layer.outputs).map((j) => weightsOf(l, k, j))
        // Four partial sums, joined in two more additions: matrix-input.ts.
        const da = sumOfProducts(row, w, 0, Math.ceil(layer.outputs / 4) + 3)
        return throughActivation(da, scores[l - 1]![r]![k]!, activation)
      }),
    )
  }
  return gradient
}

function kernelGradient(activation: ActivationName) {
  const memory = new SharedMemory(compileKernel())
  const layout = rowLayout(FEATURES, 0)
  const stride = layout.strideWords * 4
  const { start } = memory.allocate('rows', ROWS * stride)
  const shape = networkShape(layout, 1, 0, { hidden: [13, 6], activation, layerNorm: false, embedding: 0 })
  const learner = new Learner(memory, layout, shape, {
    loss: createLoss('squared'),
    optimizer: createOptimizer('sgd'),
    schedule: createSchedule('constant', { learningRate: 0.1 }),
    penalties: noPenalties,
    batchRows: ROWS,
    shards: 1,
    tasks: 1,
    averageWeights: false,
    seed: 1,
  })
  const { f32, u32 } = memory.views
  const random = uniform(7)
  const [x, y, weight] = [[] as number[][], [] as number[], [] as number[]]
  for (let r = 0; r < ROWS; r++) {
    const row = (start + r * stride) / 4
    x.push(Array.from({ length: FEATURES }, () => Math.fround(4 * random() - 2)))
    y.push(Math.fround(2 * random() - 1))
    weight.push(Math.fround(0.5 + random()))
    f32.set(x[r]!, row)
    f32[row + layout.labelWord] = y[r]!
    f32[row + layout.weightWord] = weight[r]!
  }
  learner.batch[BatchWord.FirstRun + 1] = 1
  // One run: its first row, how many rows, and the number of the first.
  learner.batch.set([start, ROWS, 0], BatchWord.Runs)
  const steps = kernelSteps(memory.kernel, learner.plan, learner.scratches[0]!)
  const partial = learner.partials[0]!
  shardsGradient(memory.kernel, steps, u32, learner.plan, 0, 1, partial)
  const inputs = layout.denseWords
  const padded = x.map((row) => [...row, ...new Array<number>(inputs - FEATURES).fill(0)])
  return {
    found: f32.slice(partial / 4, partial / 4 + shape.denseParameterWords),
    expected: boundedGradient(shape, learner.parameters, padded, y, weight),
  }
}

it.each(activationNames)(
  'the gradient of a network of %s units is within its derived bound',
  (activation) => {
    const { found, expected } = kernelGradient(activation)
    let largest = 0
    for (const [at, { value, error }] of expected) {
      expect(Math.abs(found[at]! - value)).toBeLessThanOrEqual(error)
      largest = Math.max(largest, error / Math.max(1, Math.abs(value)))
    }
    // The bound itself says something: where no kink is near, it is far below what a wrong gradient would be off by.
    if (!bounds[activation].kink) expect(largest).toBeLessThan(0.01)
    expect([...expected.values()].some(({ value }) => Math.abs(value) > 1)).toBe(true)
  },
)
