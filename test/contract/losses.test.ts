/** What every loss promises. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLoss, lossFacts } from '../../src/loss/index.js'
import { fillUniform, uniform } from '../step/random-rows.js'
import { lossCaseList } from './loss-cases.js'

describe.each(lossCaseList)('%s', (name, { loss, outputs, targets, thirdDerivative, kinks, prediction }) => {
  const random = uniform(1)
  const rows = Array.from({ length: 20 }, () =>
    fillUniform(new Float64Array(outputs), random).map((x) => 6 * x),
  )
  const everyRow = (check: (z: Float64Array, y: number) => void): void => {
    for (const z of rows) for (const y of targets) check(z, y)
  }

  it('is made by its own name, with settings in their range', () => {
    expect(loss.name).toBe(name)
    expect(loss.outputs(4)).toBe(outputs)
    expect(Object.keys(loss.settings)).toEqual(Object.keys(lossFacts(name).settings))
    for (const setting of Object.keys(loss.settings)) {
      for (const wrong of [NaN, Infinity, -1, 0]) {
        expect(() => createLoss(name, { [setting]: wrong })).toThrow(
          new RegExp(`^${setting}: expected .+, got`),
        )
      }
    }
  })

  it('has a gradient that central differences confirm', () => {
    // (f(z + h) − f(z − h)) / 2h is off by at most h²/6 · f''' (a little more than at z, over an interval of 2h) and by
    // 2 · 2^−52 · f / 2h for the rounding of f: each value within a few ulp of its largest part, 8 are allowed; no part
    // is above 2000 here.
    const h = 1e-4
    everyRow((z, y) => {
      const gradient = new Float64Array(outputs)
      loss.gradient(z, 0, outputs, y, gradient)
      for (let k = 0; k < outputs; k++) {
        if (kinks(y).some((kink) => Math.abs(z[k]! - kink) <= h)) continue
        const [up, down] = [z.slice(), z.slice()]
        up[k]! += h
        down[k]! -= h
        const slope = (loss.value(up, 0, outputs, y) - loss.value(down, 0, outputs, y)) / (up[k]! - down[k]!)
        const bound = ((h * h) / 6) * 1.01 * thirdDerivative(z[k]!, y) + (8 * 2 ** -52 * 2000) / h
        expect(bound).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)))
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

  it('predicts what its metrics measure', () => {
    for (const z of rows) {
      const predicted = new Float64Array(outputs)
      loss.predict(z, 0, outputs, predicted)
      // Math.exp and ours are each within an ulp.
      if (prediction !== undefined)
        expect(Math.abs(predicted[0]! / prediction(z[0]!) - 1)).toBeLessThan(2 ** -51)
      else expect(predicted.every((p) => p > 0 && p < 1)).toBe(true)
      // K quotients with one sum, each within a rounding of 2^−53, and the sums of both sides with K roundings.
      const sum = predicted.reduce((total, p) => total + p, 0)
      if (loss.metrics === 'classes') expect(Math.abs(sum - 1)).toBeLessThanOrEqual(3 * outputs * 2 ** -53)
    }
  })

  // Oracle: the same loss of the target as it is, whose score is z·scale, or z + log(scale) under a logarithm.
  it.runIf(loss.targetKind === 'number')('is the loss of the data once it is put into their units', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.constantFrom(...targets),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (z, y, scale) => {
          const scaled = createLoss(name, loss.settings, scale)
          const score = loss.targetRange === undefined ? z * scale : z + Math.log(scale)
          const value = scaled.value(Float64Array.of(z), 0, 1, y) * scaled.unit
          const expected = loss.value(Float64Array.of(score), 0, 1, y * scale)
          // Some twenty roundings of parts that are at most e^6 · 7.5 · 20 in the units of the loss.
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(20 * 2 ** -53 * 60_000 * scaled.unit)
        },
      ),
    )
  })
})
