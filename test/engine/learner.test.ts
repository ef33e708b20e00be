import { describe, expect, it } from 'vitest'
import { BatchWord, RunWord, shardRows } from '../../src/engine/batch.js'
import type { LearnerState } from '../../src/engine/learner-state.js'
import { Learner } from '../../src/engine/learner.js'
import type { LearnerOptions } from '../../src/engine/learner-options.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { automaticPlacement, inlinePlacement, taskCount, type Placement } from '../../src/engine/placement.js'
import { compileKernel } from '../../src/engine/pool.js'
import { referenceSteps } from '../../src/engine/reference-steps.js'
import { shardsGradient, treeLevels } from '../../src/engine/shards.js'
import { kernelSteps, type ShardSteps } from '../../src/engine/steps.js'
import { linearShape } from '../../src/model/linear.js'
import { createLoss, type LossName } from '../../src/loss/index.js'
import {
  createOptimizer,
  noPenalties,
  type OptimizerName,
  type Penalties,
} from '../../src/optimizer/index.js'
import { createSchedule } from '../../src/schedule/index.js'
import { rowLayout } from '../../src/step/rows.js'
import { scattered } from '../train/files.js'

const module = compileKernel()
const DENSE = 5
const CATEGORIES = 2

interface Setting {
  loss: LossName
  outputs: number
  tasks: number
  shards: number
  rows: number
  reference?: boolean
  categoryIndices?: number
  penalties?: Partial<Penalties>
  more?: Partial<LearnerOptions>
}

/** A learner on one mini-batch of made-up rows, cut into shards, one or two runs each. */
function setUp({
  loss,
  outputs,
  tasks,
  shards,
  rows,
  reference,
  categoryIndices = 40,
  penalties,
  more,
}: Setting) {
  const memory = new SharedMemory(module)
  const layout = rowLayout(DENSE, CATEGORIES)
  const stride = layout.strideWords * 4
  const { start } = memory.allocate('rows', rows * stride)
  const schedule = createSchedule('constant', { learningRate: 0.1 })
  const made = createLoss(loss)
  const options = {
    loss: made,
    optimizer: createOptimizer('sgd'),
    schedule,
    penalties: { ...noPenalties, ...penalties },
    batchRows: rows,
    shards,
    tasks,
  }
  const learner = new Learner(memory, layout, linearShape(layout, outputs, categoryIndices), {
    ...options,
    averageWeights: false,
    ...more,
  })
  const { f32, u32 } = memory.views
  for (let row = 0; row < rows; row++) {
    const word = (start + row * stride) >>> 2
    for (let d = 0; d < DENSE; d++) f32[word + d] = scattered(row * DENSE + d) * 4 - 2
    for (let c = 0; c < CATEGORIES; c++) u32[word + layout.denseWords + c] = c * 20 + ((row * 7 + c) % 20)
    f32[word + layout.labelWord] =
      loss === 'squared' ? scattered(row, 0.7548776662) : row % Math.max(2, outputs)
    f32[word + layout.weightWord] = 1 + (row % 3)
  }
  const { batch } = learner
  let first = 0
  let runs = 0
  for (let shard = 0; shard < shards; shard++) {
    batch[BatchWord.FirstRun + shard] = runs
    const size = shardRows(rows, shards, shard)
    const half = Math.floor(size / 2)
    for (const count of [half, size - half].filter((part) => part > 0)) {
      batch.set([start + first * stride, count, first], BatchWord.Runs + runs * RunWord.SIZE)
      first += count
      runs++
    }
  }
  batch[BatchWord.FirstRun + shards] = runs
  const steps: ShardSteps = reference
    ? referenceSteps(memory.views, learner.plan, layout, learner.shape, made)
    : kernelSteps(memory.kernel, learner.plan, 0)
  const placement = inlinePlacement(memory, () => steps, learner, shards)
  const step = (): { loss: number; weight: number } => {
    learner.catchUp()
    void placement.gradients()
    const mean = learner.average()
    learner.descent()
    learner.update()
    return mean
  }
  /** Gives the rows other categories: five of each column, which move on with t. */
  const meetOthers = (t: number): void => {
    for (let row = 0; row < rows; row++) {
      const word = ((start + row * stride) >>> 2) + layout.denseWords
      for (let c = 0; c < CATEGORIES; c++) memory.views.u32[word + c] = c * 20 + ((5 * t + (row % 5)) % 20)
    }
  }
  return { learner, step, memory, meetOthers }
}

const losses: [LossName, number][] = [
  ['squared', 1],
  ['logistic', 1],
  ['softmax', 3],
]

describe.each(losses)('steps with loss %s', (loss, outputs) => {
  const setting = { loss, outputs, shards: 8, rows: 100 }

  it('have the same bits however many tasks compute them', () => {
    const trained = [1, 2, 4, 8].map((tasks) => {
      const { learner, step } = setUp({ ...setting, tasks })
      const means = [step(), step(), step()]
      return { weights: learner.parameters.slice(), means }
    })
    for (const other of trained.slice(1)) expect(other).toEqual(trained[0])
    expect(trained[0]!.weights.some((weight) => weight !== 0)).toBe(true)
  })

  it('agree with the reference', () => {
    const kernel = setUp({ ...setting, tasks: 4 })
    const reference = setUp({ ...setting, tasks: 4, reference: true })
    const means = [1, 2, 3, 4, 5].map(() => [kernel.step().loss, reference.step().loss] as const)
    // Let u = 2^−24; weights and dz stay below 4, |x| ≤ 2. A score adds 8 terms below 8 (64u at most), which moves the
    // mean of dz·x by 256u at most, and its weights by a tenth of that; summing 100 rows, whose mean is below 8, adds
    // 100 · 8u to the mean, again a tenth to the weights: below 110u a step. A step does not enlarge what is there:
    // the largest eigenvalue of the Hessian is at most 2·(5 · 4/3 + 1 + 2) < 20, and 0.1 · 20 ≤ 2. Five steps: 550u.
    const tolerance = 550 * 2 ** -24
    for (const [i, weight] of reference.learner.parameters.entries()) {
      expect(Math.abs(kernel.learner.parameters[i]! - weight)).toBeLessThan(tolerance)
    }
    for (const [one, other] of means) expect(Math.abs(one - other)).toBeLessThan(8 * tolerance)
    expect(kernel.learner.step).toBe(5)
  })

  it('lower the loss', () => {
    const { step } = setUp({ ...setting, tasks: 1 })
    const first = step().loss
    for (let i = 0; i < 20; i++) step()
    expect(step().loss).toBeLessThan(first)
  })

  it('leave the same weights whether category gradients are sparse or dense', () => {
    // 40 indices of either run are met by no other rows; with 8,192 of them the sparse path is taken.
    const [dense, sparse] = [40, 8192].map((categoryIndices) => {
      const { learner, step } = setUp({ ...setting, tasks: 2, categoryIndices })
      for (let i = 0; i < 4; i++) step()
      return learner.parameters.slice(0, learner.shape.v + 40 * outputs)
    })
    expect(sparse).toEqual(dense)
  })

  it('shrink every weight but the bias with L2', () => {
    const { learner, step } = setUp({ ...setting, tasks: 1, penalties: { l2: 0.5 } })
    const plain = setUp({ ...setting, tasks: 1 })
    // A step from w with penalty l2 is a step without one, less 0.1 · l2 · w (the gradient of (l2 / 2)·|w|²).
    const start = learner.parameters.map((_, i) => (i % 7) / 8)
    learner.parameters.set(start)
    plain.learner.parameters.set(start)
    step()
    plain.step()
    const { biases, v } = learner.shape
    const bias = biases[0]!.from
    for (const [i, weight] of plain.learner.parameters.entries()) {
      const expected = i >= bias && i < v ? weight : weight - 0.1 * 0.5 * start[i]!
      // Gradient, penalty, change and weight are each rounded once: numbers below 8, less than 10 roundings.
      expect(Math.abs(learner.parameters[i]! - expected)).toBeLessThan(10 * 8 * 2 ** -24)
    }
  })
})

describe('penalties of categories that a step leaves alone', () => {
  const setting = { loss: 'squared', outputs: 1, shards: 4, rows: 60, tasks: 1 } as const
  const train = (
    categoryIndices: number,
    optimizer: OptimizerName,
    penalties: Partial<Penalties>,
    more: Partial<LearnerOptions> = {},
  ) => {
    const made = { optimizer: createOptimizer(optimizer), ...more }
    const { learner, step, meetOthers } = setUp({ ...setting, categoryIndices, penalties, more: made })
    for (let t = 0; t < 24; t++) {
      meetOthers(t)
      step()
    }
    return { weights: learner.result().slice(0, learner.shape.v + 40), learner }
  }
  const schedule = createSchedule('inverse-scaling', { learningRate: 0.2 })

  // The oracle is the same run with all categories in the dense block, where every step shrinks every weight. A category is
  // met in six of 24 steps and stays away for three at a time.
  it.each<[OptimizerName, Partial<Penalties>]>([
    ['sgd', { l1: 0.02 }],
    ['sgd', { weightDecay: 0.3 }],
    ['adagrad', { l1: 0.02 }],
    ['adagrad', { weightDecay: 0.3 }],
  ])('%s makes up for %j as if no step had been missed', (optimizer, penalties) => {
    const lazy = train(8192, optimizer, penalties, { schedule }).weights
    const eager = train(40, optimizer, penalties, { schedule }).weights
    const without = train(8192, optimizer, {}, { schedule }).weights
    // Weights stay below 2. Each step rounds change and weight, by 2⁻²⁴ of 2 at most, and the gradients that follow from
    // them differ by as much: sums of 60 rows whose mean is scaled by at most 1 (adagrad: lr over the root of a sum of
    // squares that is not small). 24 steps: 24·(2 + 2)·2⁻²³, thrice that for what grows on.
    const tolerance = 3 * 24 * 4 * 2 ** -23
    lazy.forEach((weight, i) => expect(Math.abs(weight - eager[i]!), `word ${i}`).toBeLessThan(tolerance))
    expect(Math.max(...lazy.map((weight, i) => Math.abs(weight - without[i]!)))).toBeGreaterThan(
      100 * tolerance,
    )
  })

  it.each<OptimizerName>(['sgd', 'adagrad', 'adam', 'rmsprop', 'ftrl'])(
    '%s leaves true zeros with l1',
    (name) => {
      const l1 = name === 'ftrl' ? 0.5 : 0.05
      const zeros = (weights: Float32Array) => weights.slice(-40).filter((weight) => weight === 0).length
      const { weights } = train(8192, name, { l1 })
      expect(zeros(weights)).toBeGreaterThan(0)
      expect(zeros(train(8192, name, {}).weights)).toBe(0)
    },
  )

  it('exempts the weights of categories where that is asked for', () => {
    const penalties = { l1: 100 }
    const more = { penalizeCategories: false }
    for (const categoryIndices of [40, 8192]) {
      const { weights, learner } = train(categoryIndices, 'sgd', penalties, more)
      expect(weights.slice(learner.shape.v).every((weight) => weight !== 0)).toBe(true)
      expect(weights.slice(0, DENSE).every((weight) => weight === 0)).toBe(true)
    }
  })

  it('spares the bias, or not where that is asked for', () => {
    const biasOf = (more: Partial<LearnerOptions>) => {
      const { weights, learner } = train(40, 'sgd', { l1: 100 }, more)
      return weights[learner.shape.biases[0]!.from]
    }
    expect(biasOf({})).not.toBe(0)
    expect(biasOf({ penalizeBias: true })).toBe(0)
  })
})

describe('clipping', () => {
  const setting = { loss: 'squared', outputs: 1, shards: 4, rows: 60, tasks: 1 } as const
  /** What one step of sgd at a rate of 0.1 has made of weights of 0: −0.1 times the clipped gradient. */
  const gradientOf = (categoryIndices: number, more: Partial<LearnerOptions>) => {
    const { learner, step } = setUp({ ...setting, categoryIndices, more })
    step()
    return [...learner.parameters].map((weight) => weight / -0.1)
  }

  it.each([40, 8192])('by norm scales, by value cuts (%i categories)', (categoryIndices) => {
    const plain = gradientOf(categoryIndices, {})
    const norm = Math.hypot(...plain)
    expect(norm).toBeGreaterThan(0.5)
    const scaled = gradientOf(categoryIndices, { clipNorm: 0.25 })
    const cut = gradientOf(categoryIndices, { clipValue: 0.01 })
    // Oracle: the unclipped step, in f64. |gradient| < 2; four roundings to f32.
    const tolerance = 4 * 2 * 2 ** -24
    plain.forEach((g, i) => {
      expect(Math.abs(scaled[i]! - (g * 0.25) / norm)).toBeLessThan(tolerance)
      expect(Math.abs(cut[i]! - Math.min(0.01, Math.max(-0.01, g)))).toBeLessThan(tolerance)
    })
    expect(gradientOf(categoryIndices, { clipNorm: 100, clipValue: 100 })).toEqual(plain)
  })
})

describe('the mean of a mini-batch', () => {
  it('is 0 where every weight is 0, and nothing is learned', () => {
    const { learner, step, memory } = setUp({ loss: 'squared', outputs: 1, shards: 2, rows: 4, tasks: 1 })
    const { weightWord, stride } = learner.plan
    const rows = memory.regions.find(({ name }) => name === 'rows')!
    for (let row = 0; row < 4; row++) memory.views.f32[((rows.start + row * stride) >>> 2) + weightWord] = 0
    expect(step()).toEqual({ loss: 0, weight: 0 })
    expect(learner.parameters.every((weight) => weight === 0)).toBe(true)
  })
})

describe('the tree of the shards', () => {
  it.each([1, 2, 8, 64])('adds %i shards in the order ((0+1)+(2+3))+…', (shards) => {
    // Steps that write a text instead of a number: what is added to what can then be read.
    const memory = new SharedMemory(module)
    const partials = Array.from({ length: treeLevels(shards) }, () => '')
    const plan = {
      ...setUp({ loss: 'squared', outputs: 1, shards: 1, rows: 1, tasks: 1 }).learner.plan,
      denseGradientWords: 1,
    }
    const batch = memory.allocate('batch', (BatchWord.Runs + shards * RunWord.SIZE) * 4)
    const words = new Uint32Array(memory.memory.buffer, batch.start, batch.bytes / 4)
    for (let shard = 0; shard < shards; shard++) {
      words[BatchWord.FirstRun + shard] = shard
      words.set([0, 1, shard], BatchWord.Runs + shard * RunWord.SIZE)
    }
    words[BatchWord.FirstRun + shards] = shards
    const at = (address: number) => address / 4
    const vectors = {
      zero: (address: number) => {
        if (at(address) < partials.length) partials[at(address)] = ''
      },
      add: (into: number, from: number) => {
        partials[at(into)] = `(${partials[at(into)]}+${partials[at(from)]})`
      },
      scale: () => {},
      sumOfSquares: () => 0,
    }
    const steps: ShardSteps = {
      begin: () => {},
      forward: () => {},
      loss: () => {},
      backprop: (_rows, _count, first, partial) => (partials[at(partial)] += String(first)),
    }
    shardsGradient(
      vectors,
      steps,
      memory.views.u32,
      { ...plan, batch: batch.start, totals: 1 << 20 },
      0,
      shards,
      0,
    )
    const tree = (from: number, count: number): string =>
      count === 1 ? String(from) : `(${tree(from, count / 2)}+${tree(from + count / 2, count / 2)})`
    expect(partials[0]).toBe(tree(0, shards))
  })

  it('is cut into a power of two of tasks, two or more for each thread where there are shards enough', () => {
    const threads = [1, 2, 3, 5, 100]
    expect(threads.map((count) => taskCount(8, count))).toEqual([1, 4, 8, 8, 8])
    expect(taskCount(1, 4)).toBe(1)
  })
})

describe('the automatic placement', () => {
  /** A placement that counts its steps, each of which takes so many milliseconds of this thread. */
  function counting(milliseconds: number): Placement & { steps: number } {
    return {
      steps: 0,
      gradients() {
        this.steps++
        for (const end = performance.now() + milliseconds; performance.now() < end;) continue
      },
    }
  }

  it.each([
    ['stays on this thread where steps are short', 0, [40, 0]],
    ['is shared with the workers where steps are long', 6, [16, 24]],
  ])('%s', (_name, milliseconds, expected) => {
    const inline = counting(milliseconds)
    const shared = counting(0)
    const placement = automaticPlacement(inline, shared)
    for (let i = 0; i < 40; i++) void placement.gradients()
    expect([inline.steps, shared.steps]).toEqual(expected)
  })
})

describe('the state of a learner', () => {
  const all: OptimizerName[] = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adam', 'adamw', 'ftrl']
  // With 5,000 categories those that a step leaves alone owe penalties; with 40 all are part of the dense block.
  const cases = all.flatMap((name) => [40, 5000].map((categoryIndices) => ({ name, categoryIndices })))
  const start = (name: OptimizerName, categoryIndices: number) =>
    setUp({
      loss: 'logistic',
      outputs: 1,
      tasks: 2,
      shards: 4,
      rows: 60,
      categoryIndices,
      penalties: { l1: 1e-4, l2: 1e-3, weightDecay: 1e-3 },
      more: {
        optimizer: createOptimizer(name),
        schedule: createSchedule('plateau', { learningRate: 0.05, warmup: 3, settings: { patience: 0 } }),
        averageWeights: true,
      },
    })
  type Started = ReturnType<typeof start>
  const train = ({ step, meetOthers, learner }: Started, from: number, to: number): void => {
    for (let t = from; t < to; t++) {
      meetOthers(t)
      step()
      // No better from the second on: the plateau lowers the rate before and after the state is taken.
      if (t % 4 === 3) learner.epochEnded(1)
    }
  }

  it.each(cases)(
    'goes on to the same bits: $name, $categoryIndices categories',
    ({ name, categoryIndices }) => {
      const whole = start(name, categoryIndices)
      train(whole, 0, 20)

      const first = start(name, categoryIndices)
      train(first, 0, 9)
      const state = copyOf(first.learner.state)
      train(first, 9, 12)
      const second = start(name, categoryIndices)
      second.learner.restoreState(state)
      expect(second.learner.step).toBe(9)
      train(second, 9, 20)

      const resting = start(name, categoryIndices)
      resting.learner.restoreState(state)
      const stopped = start(name, categoryIndices)
      train(stopped, 0, 9)
      // The oracle is the learner that was not interrupted: where no step follows, and where some do.
      expect(resting.learner.result()).toEqual(stopped.learner.result())
      expect(second.learner.state).toEqual(whole.learner.state)
      expect(second.learner.result()).toEqual(whole.learner.result())
      expect(second.learner.learningRate).toBe(whole.learner.learningRate)
    },
  )

  it('is that of one shape and one optimizer', () => {
    const state = start('adam', 40).learner.state
    const { learner } = start('adam', 41)
    const before = copyOf(learner.state)
    expect(() => learner.restoreState(state)).toThrow(/expected the vectors weights: Float32Array of/)
    expect(() => start('adagrad', 40).learner.restoreState(state)).toThrow(/expected the vectors/)
    expect(learner.state).toEqual(before)
  })
})

/** The state is that of the learner itself, which the next step changes. */
function copyOf({ vectors, counters }: LearnerState): LearnerState {
  return {
    vectors: new Map([...vectors].map(([name, vector]) => [name, vector.slice()])),
    counters: new Map(counters),
  }
}
