/** What every loss promises: a row here for each. */
import { describe, expect, it } from 'vitest'
import { createLoss, type Loss, type LossName } from '../../src/loss/index.js'
import { fillUniform, uniform } from '../step/random-rows.js'

interface Case {
  loss: Loss
  /** Scores of a row. */
  outputs: number
  /** Targets the loss takes. */
  targets: number[]
  /** ∂³loss/∂z³ is at most this for |z| ≤ 6. */
  thirdDerivative: number
}

const cases: Record<LossName, Case> = {
  squared: { loss: createLoss('squared'), outputs: 1, targets: [-3, 0, 0.5], thirdDerivative: 0 },
  // σ''(z) = σ(1 − σ)(1 − 2σ), at most √3/18.
  logistic: { loss: createLoss('logistic'), outputs: 1, targets: [0, 1], thirdDerivative: 0.1 },
  // The third cumulant of a 0/1 variable: p(1 − p)(1 − 2p), the same bound.
  softmax: { loss: createLoss('softmax'), outputs: 4, targets: [0, 1, 2, 3], thirdDerivative: 0.1 },
}

describe.each(Object.entries(cases))('%s', (name, { loss, outputs, targets, thirdDerivative }) => {
  const random = uniform(1)
  const rows = Array.from({ length: 20 }, () =>
    fillUniform(new Float64Array(outputs), random).map((x) => 6 * x),
  )
  const everyRow = (check: (z: Float64Array, y: number) => void): void => {
    for (const z of rows) for (const y of targets) check(z, y)
  }

  it('is made by its own name', () => {
    expect(loss.name).toBe(name)
    expect(loss.outputs(4)).toBe(outputs)
  })

  it('has a gradient that central differences confirm', () => {
    // (f(z + h) − f(z − h)) / 2h is off by at most h²/6 · f''' and by 2 · 2^−52 · f / 2h for the rounding of f (each
    // value within a few ulp; 8 is allowed). f is below 100 here.
    const h = 1e-4
    const bound = ((h * h) / 6) * thirdDerivative + (8 * 2 ** -52 * 100) / h
    expect(bound).toBeLessThan(1e-8)
    everyRow((z, y) => {
      const gradient = new Float64Array(outputs)
      loss.gradient(z, 0, outputs, y, gradient)
      for (let k = 0; k < outputs; k++) {
        const [up, down] = [z.slice(), z.slice()]
        up[k]! += h
        down[k]! -= h
        const slope = (loss.value(up, 0, outputs, y) - loss.value(down, 0, outputs, y)) / (up[k]! - down[k]!)
        expect(Math.abs(gradient[k]! - slope)).toBeLessThanOrEqual(bound)
      }
    })
  })

  it('is never negative, and finite for scores of ±1e4', () => {
    everyRow((z, y) => expect(loss.value(z, 0, outputs, y)).toBeGreaterThanOrEqual(0))
    for (const score of [1e4, -1e4]) {
      for (const y of targets) {
        const z = new Float64Array(outputs)
        z[0] = score
        const gradient = new Float64Array(outputs)
        loss.gradient(z, 0, outputs, y, gradient)
        expect(loss.value(z, 0, outputs, y)).toBeLessThan(Infinity)
        expect(gradient.every(Number.isFinite)).toBe(true)
      }
    }
  })

  it('reads and writes only the scores of its row', () => {
    const z = rows[0]!
    const y = targets.at(-1)!
    const padded = Float64Array.from([NaN, ...z, NaN])
    expect(loss.value(padded, 1, outputs, y)).toBe(loss.value(z, 0, outputs, y))
    for (const write of [
      (scores: Float64Array, at: number, out: Float64Array): void =>
        loss.gradient(scores, at, outputs, y, out),
      (scores: Float64Array, at: number, out: Float64Array): void => loss.predict(scores, at, outputs, out),
    ]) {
      const alone = new Float64Array(outputs)
      write(z, 0, alone)
      const within = new Float64Array(outputs + 2).fill(7)
      write(padded, 1, within)
      expect(Array.from(within)).toEqual([7, ...alone, 7])
    }
  })

  it('predicts what its target kind says', () => {
    for (const z of rows) {
      const prediction = new Float64Array(outputs)
      loss.predict(z, 0, outputs, prediction)
      if (loss.targetKind === 'number') expect(prediction[0]).toBe(z[0])
      else expect(prediction.every((p) => p > 0 && p < 1)).toBe(true)
      // K quotients with one sum, each within a rounding of 2^−53, and the sums of both sides with K roundings.
      const sum = prediction.reduce((total, p) => total + p, 0)
      if (loss.targetKind === 'classes') expect(Math.abs(sum - 1)).toBeLessThanOrEqual(3 * outputs * 2 ** -53)
    }
  })
})
