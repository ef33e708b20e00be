import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Loss } from '../../src/loss/index.js'
import { backprop } from '../../src/step/backprop.js'
import { forward } from '../../src/step/forward.js'
import { lossAndGradient } from '../../src/step/loss.js'
import { labelOf, rowStart } from '../../src/step/rows.js'
import { lossCaseList } from '../contract/loss-cases.js'
import { fillUniform, randomProblem, type Problem } from './random-rows.js'

/** Σ weight · loss over the rows: steps 1 and 2. */
function total(loss: Loss, { model, rows }: Problem, parameters: Float64Array, dz: Float64Array): number {
  const z = new Float64Array(rows.count * model.outputs)
  const totals = new Float64Array(2)
  forward(model, parameters, rows, z)
  lossAndGradient(loss, model.outputs, rows, z, dz, totals)
  return totals[0]!
}

/** Gives the weight 0 to rows whose score is nearer than this to a kink of the loss. */
function ignoreKinks(
  { model, rows }: Problem,
  parameters: Float64Array,
  kinks: (y: number) => readonly number[],
  distance: number,
): void {
  const z = new Float64Array(rows.count * model.outputs)
  forward(model, parameters, rows, z)
  for (let r = 0; r < rows.count; r++) {
    const near = kinks(labelOf(rows, r)).some((kink) => Math.abs(z[r * model.outputs]! - kink) < distance)
    if (near) rows.words[rowStart(rows, r) + rows.layout.weightWord] = 0
  }
}

const sizes = fc.record({
  dense: fc.integer({ min: 0, max: 6 }),
  categories: fc.integer({ min: 0, max: 3 }),
  scaled: fc.integer({ min: 0, max: 2 }),
  count: fc.integer({ min: 1, max: 12 }),
  values: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer(),
})

describe.each(lossCaseList)('the gradient of a linear model with %s loss', (_name, { loss, kinks }) => {
  const outputs = loss.outputs(3)
  const classes = { number: 0, binary: 2, classes: 3 }[loss.targetKind]

  // Oracle: central differences in f64. With h = 2^−14 the truncation is h²/6 · Σ weight·|∂³loss/∂w³| ≤ h²/6 · 22·2·12
  // = 4e-7 (features and category flags are at most 1, weights 2, rows 12, third derivatives below 22 for |z| ≤ 3, where
  // the logarithm is predicted, and 0.1 elsewhere: test/contract/loss-cases.ts), and rounding is 10 · 2^−53 · Σ weight·loss
  // / h. The loss of a row is at most (6 + 1 + 3 + 2 + 1)² = 169 here, so that the sum is at most 4,100: 8e-8. Where a
  // gradient is not small, the relative error is therefore below 1e-6; where it is, the absolute one. Rows at a kink have
  // no gradient to be compared: they get the weight 0.
  it('is confirmed by central differences', () => {
    const h = 2 ** -14
    const size = loss.targetRange === undefined ? 1 : 1 / 4
    fc.assert(
      fc.property(sizes, (chosen) => {
        const problem = randomProblem({ ...chosen, outputs, classes, range: loss.targetRange })
        const { model, rows, random } = problem
        const parameters = fillUniform(new Float64Array(model.words), random).map((w) => size * w)
        ignoreKinks(problem, parameters, kinks, 2 * h)
        const gradient = new Float64Array(model.words)
        const dz = new Float64Array(rows.count * outputs)
        total(loss, problem, parameters, dz)
        backprop(model, rows, dz, gradient)
        for (let i = 0; i < model.words; i++) {
          const at = parameters[i]!
          parameters[i] = at + h
          const above = total(loss, problem, parameters, dz)
          parameters[i] = at - h
          const below = total(loss, problem, parameters, dz)
          parameters[i] = at
          const slope = (above - below) / (2 * h)
          expect(Math.abs(gradient[i]! - slope)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(slope)))
        }
      }),
      { numRuns: 40 },
    )
  })
})
