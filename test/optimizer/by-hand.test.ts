import { describe, expect, it } from 'vitest'
import { createOptimizer, noPenalties, type Optimizer } from '../../src/optimizer/index.js'
import { takeSteps } from './descend.js'

/** The changes of one weight, and its state at the end, for the gradients of the first steps. */
function changesOf(
  optimizer: Optimizer,
  gradients: readonly number[],
  learningRate: number,
  penalties = noPenalties,
) {
  const vectors = gradients.map((g) => Float32Array.of(g))
  const { changes, path, state } = takeSteps(optimizer, vectors, { learningRate, penalties })
  return {
    changes: changes.map((change) => change[0]!),
    weights: path.map((weights) => weights[0]!),
    state: state.map((vector) => vector[0]!),
  }
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

  it('nesterov: v = 4, 4 + ½·4 = 6; v = ½·4 − 1 = 1, −1 + ½·1 = −½', () => {
    const { changes, state } = changesOf(createOptimizer('nesterov', { momentum: 0.5 }), [4, -1], 0.25)
    expect(changes).toEqual([-1.5, 0.125])
    expect(state).toEqual([1])
  })

  it('ftrl: z = 3 and s = (1 + 3) / ½, then σ = (1 + 5) / ½ − 8 = 4 and z = 3 + 4 − 4·w', () => {
    const optimizer = createOptimizer('ftrl', { beta: 1 })
    const penalties = { l1: 1, l2: 2, weightDecay: 0 }
    const { weights, state } = changesOf(optimizer, [3, 4], 0.5, penalties)
    // s + l2: 8 + 2, then 12 + 2.
    const first = Math.fround(-(3 - 1) / 10)
    const z = 3 + 4 - 4 * first
    expect(weights).toEqual([first, Math.fround(first + Math.fround(-(z - 1) / 14 - first))])
    expect(state).toEqual([25, Math.fround(z), 12])
  })

  it('ftrl: a weight is 0 while |z| is at most l1', () => {
    const penalties = { l1: 3, l2: 0, weightDecay: 0 }
    const { weights } = changesOf(createOptimizer('ftrl'), [3, 1, -1], 0.5, penalties)
    // z = 3, then 3 + 1 − σ·0 = 4, then back: the second alone is beyond.
    expect([weights[0], Math.sign(weights[1]!)]).toEqual([0, -1])
  })

  it('ftrl: a weight that does not start at 0 is where it would have been led', () => {
    const optimizer = createOptimizer('ftrl')
    const { weights } = takeSteps(optimizer, [Float32Array.of(0)], {
      learningRate: 0.5,
      start: Float32Array.of(-0.75),
      penalties: { l1: 3, l2: 1, weightDecay: 0 },
    })
    expect([...weights]).toEqual([-0.75])
  })

  it('penalties: l1 shrinks by lr·l1 and stops at 0, weight decay takes its share before', () => {
    const start = Float32Array.of(1, -1, 0.125)
    const { path } = takeSteps(createOptimizer('sgd'), [new Float32Array(3), new Float32Array(3)], {
      learningRate: 0.5,
      start,
      penalties: { l1: 0.5, l2: 0, weightDecay: 1 },
    })
    // ½·1 − ¼, then ½·¼ − ¼ < 0.
    expect(path.map((weights) => [...weights])).toEqual([
      [0.25, -0.25, 0],
      [0, 0, 0],
    ])
  })
})
