import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/errors.js'
import {
  createOptimizer,
  noPenalties,
  optimizers,
  type Optimizer,
  type OptimizerName,
  type Penalties,
} from '../../src/optimizer/index.js'
import { descent } from '../../src/step/descent.js'
import { takeSteps } from '../optimizer/descend.js'

/** One row an optimizer: for each of its settings, a value that must make a difference. */
const rows: Record<OptimizerName, { other: Record<string, number> }> = {
  sgd: { other: {} },
  momentum: { other: { momentum: 0.5 } },
  nesterov: { other: { momentum: 0.5 } },
  adagrad: { other: { initialAccumulator: 1, epsilon: 0.1 } },
  rmsprop: { other: { decay: 0.5, epsilon: 0.1 } },
  adam: { other: { beta1: 0.5, beta2: 0.5, epsilon: 0.1 } },
  adamw: { other: { beta1: 0.5, beta2: 0.5, epsilon: 0.1 } },
  ftrl: { other: { beta: 0.5 } },
}
const names = Object.keys(optimizers) as OptimizerName[]
const create = (name: OptimizerName, settings: Record<string, number> = {}) => createOptimizer(name, settings)

/** Runs the optimizer on the gradients of some steps, range by range; returns the change of each step and the state. */
const run = (
  optimizer: Optimizer,
  gradients: readonly Float32Array[],
  cuts: readonly number[],
  learningRate = 0.25,
) => takeSteps(optimizer, gradients, { cuts, learningRate })

const bits = (vectors: readonly Float32Array[]) =>
  vectors.map((vector) => [...new Uint32Array(vector.buffer)])

/** Steps of gradients between 2⁻¹⁰ and 2¹⁰ in size, or 0: far from where f32 underflows. */
const gradient = fc.oneof(
  fc.constant(0),
  fc
    .tuple(fc.boolean(), fc.float({ min: 2 ** -10, max: 2 ** 10, noNaN: true }))
    .map(([minus, g]) => (minus ? -g : g)),
)
const gradientSteps = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 }))
  .chain(([size, steps]) =>
    fc.array(
      fc.array(gradient, { minLength: size, maxLength: size }).map((values) => Float32Array.from(values)),
      { minLength: steps, maxLength: steps },
    ),
  )
const cutPlaces = fc.array(fc.nat(100), { maxLength: 4 })

describe.each(names)('optimizer %s', (name) => {
  it('carries its own name, a usable default rate and finite initial states', () => {
    const optimizer = create(name)
    expect(optimizer.name).toBe(name)
    expect(optimizer.defaultLearningRate > 0 && optimizer.defaultLearningRate < Infinity).toBe(true)
    for (const { initial } of optimizer.state) expect(Number.isFinite(initial)).toBe(true)
    expect(new Set(optimizer.state.map((vector) => vector.name)).size).toBe(optimizer.state.length)
  })

  it('gives the same bits for a range and for its pieces', () => {
    fc.assert(
      fc.property(gradientSteps, cutPlaces, (gradients, cuts) => {
        const whole = run(create(name), gradients, [])
        const pieces = run(create(name), gradients, cuts)
        expect(bits(pieces.changes)).toEqual(bits(whole.changes))
        expect(bits(pieces.state)).toEqual(bits(whole.state))
      }),
    )
  })

  it('writes nothing outside its range', () => {
    const optimizer = create(name)
    const gradient = new Float32Array(9).fill(3)
    const state = optimizer.state.map(() => new Float32Array(9).fill(7))
    const change = new Float32Array(9).fill(7)
    const weights = new Float32Array(9).fill(7)
    const range = { from: 2, to: 5, learningRate: 0.5, step: 1, penalties: noPenalties }
    optimizer.descent({ weights, gradient, state, change, ...range })
    for (const vector of [change, ...state]) {
      const written = [...vector].map((value) => value !== 7)
      expect(written).toEqual([false, false, true, true, true, false, false, false, false])
    }
    expect([...gradient]).toEqual(new Array(9).fill(3))
    expect([...weights]).toEqual(new Array(9).fill(7))
  })

  it('depends on the step and the state given, not on the calls before', () => {
    const outcomeAtStep3 = (optimizer: Optimizer) => {
      const state = optimizer.state.map(() => Float32Array.of(0.75))
      const change = new Float32Array(1)
      const gradient = Float32Array.of(1.5)
      const weights = Float32Array.of(0.25)
      const range = { from: 0, to: 1, learningRate: 0.5, step: 3, penalties: noPenalties }
      optimizer.descent({ weights, gradient, state, change, ...range })
      return bits([change, ...state])
    }
    const used = create(name)
    run(used, new Array<Float32Array>(5).fill(Float32Array.of(-2)), [])
    expect(outcomeAtStep3(used)).toEqual(outcomeAtStep3(create(name)))
  })

  it('leaves weights alone that have never had a gradient', () => {
    const { changes } = run(create(name), [new Float32Array(4), new Float32Array(4)], [])
    for (const change of changes) expect([...change].every((value) => value === 0)).toBe(true)
  })

  it('moves against the first gradient, in proportion to the learning rate', () => {
    fc.assert(
      fc.property(gradientSteps, (gradients) => {
        const once = run(create(name), gradients, [], 0.25).changes
        const twice = run(create(name), gradients, [], 0.5).changes
        // Doubling is exact in binary floating point, so the proportion is too.
        expect(bits(twice)).toEqual(bits(once.map((change) => change.map((value) => 2 * value))))
        const signs = [...once[0]!].map((value) => 0 - Math.sign(value))
        expect(signs).toEqual([...gradients[0]!].map((value) => Math.sign(value) + 0))
      }),
    )
  })

  /** The weight after 2,000 steps on (w − 3)² and these penalties, at a rate that falls with √t. */
  function minimum(penalties: Penalties): number {
    const optimizer = create(name)
    const state = optimizer.state.map(({ initial }) => Float32Array.of(initial))
    const change = new Float32Array(1)
    const weights = new Float32Array(1)
    for (let step = 1; step <= 2000; step++) {
      const gradient = Float32Array.of(2 * (weights[0]! - 3))
      const learningRate = 0.2 / Math.sqrt(Math.max(1, step - 500))
      const range = { from: 0, to: 1, learningRate, step, penalties }
      descent(optimizer, { weights, gradient, state, change, ...range })
      weights[0]! += change[0]!
    }
    return weights[0]!
  }

  it('finds the minimum of (w − 3)²', () => {
    // By hand: the minimum is at 3. The slowest, Adam, swings around it with an amplitude that shrinks below 0.01.
    expect(Math.abs(minimum(noPenalties) - 3)).toBeLessThan(0.01)
  })

  it.runIf(create(name).appliesPenalties !== true)('finds the same minimum of loss and penalties', () => {
    // By hand: 2·(w − 3) + l1 + l2·w = 0, so w = (6 − l1) / (2 + l2); 0 from l1 = 6 on.
    expect(Math.abs(minimum({ l1: 2, l2: 0, weightDecay: 0 }) - 2)).toBeLessThan(0.01)
    expect(Math.abs(minimum({ l1: 1, l2: 3, weightDecay: 0 }) - 1)).toBeLessThan(0.01)
    expect(minimum({ l1: 7, l2: 0, weightDecay: 0 })).toBe(0)
  })

  it('heeds each of its settings and refuses what is out of range', () => {
    const { other } = rows[name]
    expect(Object.keys(other).sort()).toEqual(Object.keys(optimizers[name].defaults).sort())
    const gradients = [Float32Array.of(0.5), Float32Array.of(2), Float32Array.of(-1)]
    const usual = bits(run(create(name), gradients, []).changes)
    for (const [setting, value] of Object.entries(other)) {
      expect(bits(run(create(name, { [setting]: value }), gradients, []).changes), setting).not.toEqual(usual)
      for (const wrong of [NaN, -0.1, Infinity]) {
        expect(() => create(name, { [setting]: wrong }), `${setting} ${wrong}`).toThrow(MillraceError)
      }
    }
    expect(() => create(name, { misspelt: 1 })).toThrow(MillraceError)
  })
})
