import { describe, expect, it } from 'vitest'
import { activationNames } from '../../src/activation/index.js'
import { createLoss, lossNames } from '../../src/loss/index.js'
import { networkShape, type NetworkSettings, type NetworkShape } from '../../src/model/network.js'
import { dropoutSettings } from '../../src/step/dropout.js'
import { lossAndGradient } from '../../src/step/loss.js'
import { backpropNetwork, backpropNetworkCategories } from '../../src/step/network-backprop.js'
import { forwardNetwork, type Dropout } from '../../src/step/network-forward.js'
import { fillUniform, randomProblem } from './random-rows.js'

const leftOut: Dropout = { ...dropoutSettings(0.3), keys: [11, 12], firstRow: 5 }

/** Words that are parameters: all but padding, which nothing may move. */
function isParameter(shape: NetworkShape): boolean[] {
  const used = new Array<boolean>(shape.words).fill(false)
  shape.layers.forEach(({ w, bias, gain, shift, inputs, outputs, outputWords }, layer) => {
    const mark = (from: number) => used.fill(true, from, from + outputs)
    for (let k = 0; k < inputs; k++) {
      if (layer === 0 && k >= shape.dense && k < shape.denseWords) continue
      mark(w + k * outputWords)
    }
    for (const part of [bias, gain, shift]) if (part !== undefined) mark(part)
  })
  for (let i = 0; i < shape.categoryCount; i++) {
    const from = shape.v + i * shape.categoryWidth
    used.fill(true, from, from + shape.parametersPerCategory)
  }
  return used
}

/** The analytic gradient of Σ weight·loss, and the largest relative distance of central differences from it. */
function compare(name: (typeof lossNames)[number], settings: NetworkSettings, dropout?: Dropout) {
  const loss = createLoss(name)
  const outputs = loss.outputs(3)
  const classes = { number: 0, binary: 2, classes: 3 }[loss.targetKind]
  const size = { dense: 3, categories: 3, scaled: 1, count: 6, values: 3, outputs, classes, seed: 5 }
  const { rows, random } = randomProblem({ ...size, range: loss.targetRange })
  const shape = networkShape(rows.layout, outputs, 9, settings)
  const used = isParameter(shape)
  const parameters = fillUniform(new Float64Array(shape.words), random)
  used.forEach((isUsed, i) => (parameters[i] = isUsed ? parameters[i]! : 0))
  const z = new Float64Array(rows.count * outputs)
  const dz = new Float64Array(z.length)
  const total = () => {
    const totals = new Float64Array(2)
    const kept = forwardNetwork(shape, parameters, rows, z, dropout)
    lossAndGradient(loss, outputs, rows, z, dz, totals)
    return { sum: totals[0]!, kept }
  }
  const gradient = new Float64Array(shape.words)
  const { kept } = total()
  const slopes = backpropNetwork(shape, parameters, rows, kept, dz.slice(), gradient, dropout)
  backpropNetworkCategories(shape, rows, slopes, gradient)
  const h = 2 ** -16
  let distance = 0
  for (let i = 0; i < shape.words; i++) {
    if (!used[i]) {
      expect(gradient[i]).toBe(0)
      continue
    }
    const at = parameters[i]!
    parameters[i] = at + h
    const above = total().sum
    parameters[i] = at - h
    const slope = (above - total().sum) / (2 * h)
    parameters[i] = at
    distance = Math.max(distance, Math.abs(gradient[i]! - slope) / Math.max(1, Math.abs(slope)))
  }
  return { distance, gradient }
}

// Oracle: central differences in f64, h = 2^−16: truncation is h²/6 = 4e-11 times a third derivative, rounding
// 10 · 2^−53 · 65,536 · the sum of the losses, below 100: 7e-9. No score of these rows lies within h of a kink.
describe.each(activationNames)('the gradient of a network of %s units', (activation) => {
  const variants = [
    { layerNorm: false, embedding: 0 },
    { layerNorm: true, embedding: 2 },
    { layerNorm: false, embedding: 5 },
    { layerNorm: true, embedding: 0 },
  ]
  it.each(lossNames)('is confirmed by central differences with %s loss', (name) => {
    for (const variant of variants) {
      const { distance, gradient } = compare(name, { hidden: [5, 3], activation, ...variant })
      expect(distance).toBeLessThanOrEqual(1e-6)
      expect(gradient.some((slope) => slope !== 0)).toBe(true)
    }
  })

  it('is confirmed where units are left out', () => {
    for (const variant of variants) {
      const settings = { hidden: [5, 3], activation, ...variant }
      expect(compare('squared', settings, leftOut).distance).toBeLessThanOrEqual(1e-6)
    }
  })
})
