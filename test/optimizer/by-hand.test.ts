import { describe, expect, it } from 'vitest'
import { createOptimizer, type Optimizer } from '../../src/optimizer/index.js'

/** The changes of one weight, and its state at the end, for the gradients of the first steps. */
function changesOf(optimizer: Optimizer, gradients: readonly number[], learningRate: number) {
  const state = optimizer.state.map(({ initial }) => Float32Array.of(initial))
  const change = new Float32Array(1)
  const changes = gradients.map((g, t) => {
    const gradient = Float32Array.of(g)
    optimizer.descent({ gradient, state, change, from: 0, to: 1, learningRate, step: t + 1 })
    return change[0]!
  })
  return { changes, state: state.map((vector) => vector[0]!) }
}

/** Values that are computed by hand, as f32 stores them. */
const f32 = (values: readonly number[]) => values.map((value) => Math.fround(value))

describe('the equations of the optimizers, with numbers worked out by hand', () => {
  it('sgd: −lr·g', () => {
    expect(changesOf(createOptimizer('sgd'), [4, -0.5, 0.3], 0.5).changes).toEqual([
      -2,
      0.25,
      -0.5 * Math.fround(0.3),
    ])
  })

  it('momentum: v = 4; ½·4 − 1 = 1; ½·1 + 0 = ½', () => {
    const { changes, state } = changesOf(createOptimizer('momentum', { momentum: 0.5 }), [4, -1, 0], 0.25)
    expect(changes).toEqual([-1, -0.25, -0.125])
    expect(state).toEqual([0.5])
  })

  it('adagrad: s = 9, then 9 + 16 = 25', () => {
    // ε = 10⁻¹⁰ is below half an ulp of √s = 3 and 5 in f32.
    const { changes, state } = changesOf(createOptimizer('adagrad'), [3, 4], 0.5)
    expect(changes).toEqual(f32([-0.5, (-0.5 * 4) / 5]))
    expect(state).toEqual([25])
  })

  it('adagrad: the initial accumulator counts as gradients seen before', () => {
    const optimizer = createOptimizer('adagrad', { initialAccumulator: 16, epsilon: 1 })
    // √(16 + 9) + 1 = 6
    expect(changesOf(optimizer, [3], 6).changes).toEqual([-3])
  })

  it('adam: m̂ = g and v̂ = g² at the first step', () => {
    // m = ½·4, v = ½·16; corrected by 1 − ½ both: 4 / (√16 + 4) = ½.
    const optimizer = createOptimizer('adam', { beta1: 0.5, beta2: 0.5, epsilon: 4 })
    const first = changesOf(optimizer, [4], 1)
    expect(first.changes).toEqual([-0.5])
    expect(first.state).toEqual([2, 8])
  })

  it('adam: m and v decay and their corrections fall at the second step', () => {
    // m = ½·2 + ½·8 = 5, m̂ = 5 / ¾; v = ½·8 + ½·64 = 36, v̂ = 36 / ¾ = 48.
    const optimizer = createOptimizer('adam', { beta1: 0.5, beta2: 0.5, epsilon: 1 })
    const { changes, state } = changesOf(optimizer, [4, 8], 1)
    expect(state).toEqual([5, 36])
    // Two f64 roundings more or less do not reach the f32 result.
    expect(changes[1]).toBe(Math.fround(-(5 / 0.75) / (Math.sqrt(48) + 1)))
  })
})
