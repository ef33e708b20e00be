import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createOptimizer, type OptimizerName } from '../../src/optimizer/index.js'

interface Golden {
  source: string
  learningRate: number
  gradients: number[][]
  runs: { optimizer: OptimizerName; settings: object; weights: number[][] }[]
}
const golden = JSON.parse(readFileSync(new URL('optimizers.json', import.meta.url), 'utf8')) as Golden
const size = golden.gradients[0]!.length

/**
 * The gradients of a parameter keep their sign, so every state is a sum of terms of one sign, and rounding it to f32
 * once a step (2⁻²⁴ relative) leaves a relative error of at most t·2⁻²⁴ after t steps. A change is such a state
 * (momentum, Adam's mean), divided by the root of another, which halves its error, and rounded once itself:
 * (1.5·t + 1)·2⁻²⁴ in all, and one more for the f64 arithmetic and for what PyTorch's differences of weights lose.
 */
const tolerance = (step: number) => (1.5 * step + 2) * 2 ** -24

describe(`50 steps of every optimizer, as ${golden.source} takes them`, () => {
  for (const { optimizer: name, settings, weights } of golden.runs) {
    it(`${name} ${JSON.stringify(settings)}`, () => {
      const optimizer = createOptimizer(name, settings)
      const state = optimizer.state.map(({ initial }) => new Float32Array(size).fill(initial))
      const change = new Float32Array(size)
      golden.gradients.forEach((gradients, t) => {
        const gradient = Float32Array.from(gradients)
        const { learningRate } = golden
        optimizer.descent({ gradient, state, change, from: 0, to: size, learningRate, step: t + 1 })
        for (let i = 0; i < size; i++) {
          const expected = weights[t]![i]! - (t === 0 ? 0 : weights[t - 1]![i]!)
          const error = Math.abs(change[i]! - expected)
          const allowed = tolerance(t + 1) * Math.abs(expected)
          expect(error, `step ${t + 1}, parameter ${i}`).toBeLessThanOrEqual(allowed)
        }
      })
    })
  }
})
