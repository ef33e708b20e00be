import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LossName } from '../../src/loss/index.js'
import { lossAndGradient } from '../../src/step/loss.js'
import { labelOf, weightOf } from '../../src/step/rows.js'
import { lossCaseList, lossCases } from '../contract/loss-cases.js'
import { randomProblem } from '../step/random-rows.js'
import { openKernel } from './harness.js'

const opened = openKernel(16)
const { kernel, memory, bytes } = opened
const HEAP_BYTES = 400_000
const heap = opened.allocate(HEAP_BYTES)

interface Placed {
  rows: ReturnType<typeof randomProblem>['rows']
  outputs: number
  z: Float32Array
  dz: Float32Array
  prediction: Float32Array
  totals: Float64Array
  /** The byte after all of these. */
  end: number
}

interface Size {
  outputs: number
  count: number
  range: number
  seed: number
}

/** Rows without features, scores in ±range and results filled with a pattern, from the beginning of the test's memory. */
function place(name: LossName, { outputs, count, range, seed }: Size): Placed {
  const { targetKind, targetRange } = lossCases[name].loss
  const classes = { number: 0, binary: 2, classes: outputs }[targetKind]
  const { rows, random } = randomProblem({
    dense: 0,
    categories: 0,
    outputs,
    count,
    values: 1,
    classes,
    range: targetRange,
    seed,
  })
  const totals = new Float64Array(memory.buffer, heap, 2)
  const words = new Float32Array(memory.buffer, heap + 16, rows.words.length)
  words.set(rows.words)
  let next = words.byteOffset + words.byteLength
  const scores = (): Float32Array => {
    const vector = new Float32Array(memory.buffer, next, count * outputs)
    // 16 bytes between vectors, to see whether a kernel writes past the end of one.
    next += vector.byteLength + 16
    if (next > heap + HEAP_BYTES) throw new Error('the case does not fit')
    return vector
  }
  const [z, dz, prediction] = [scores(), scores(), scores()]
  bytes.fill(0x5a, z.byteOffset, next)
  totals.fill(0)
  for (let i = 0; i < z.length; i++) z[i] = range * (2 * random() - 1)
  return { rows: { ...rows, words }, outputs, z, dz, prediction, totals, end: next }
}

function run(
  name: LossName,
  { rows, outputs, z, dz, prediction, totals }: Placed,
  from: number,
  to: number,
): void {
  const { strideWords, labelWord, weightWord } = rows.layout
  const { kernel: names, setting } = lossCases[name].loss
  const at = 4 * from * outputs
  kernel[names.loss]!(
    rows.words.byteOffset + 4 * from * strideWords,
    4 * strideWords,
    to - from,
    labelWord,
    weightWord,
    outputs,
    setting,
    z.byteOffset + at,
    dz.byteOffset + at,
    totals.byteOffset,
  )
  kernel[names.predict]!(z.byteOffset + at, to - from, outputs, prediction.byteOffset + at)
}

const size = (outputs: fc.Arbitrary<number>): fc.Arbitrary<Size> =>
  fc.record({ outputs, count: fc.nat(30), range: fc.constantFrom(1, 10, 80, 200), seed: fc.integer() })
const numRuns = process.env.MILLRACE_THOROUGH === '1' ? 5000 : 200

const manyOutputs = fc.oneof(
  { weight: 19, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(100, 1000) },
)
const kernels = lossCaseList.map(([name, { outputs }]): [LossName, fc.Arbitrary<Size>] => [
  name,
  size(outputs === 1 ? fc.constant(1) : manyOutputs),
])

describe.each(kernels)('%s kernel', (name, sizes) => {
  it('agrees with the reference', () => {
    const { loss, kernelBounds } = lossCases[name]
    fc.assert(
      fc.property(sizes, (chosen) => {
        const placed = place(name, chosen)
        const { rows, outputs, z, dz, prediction, totals } = placed
        run(name, placed, 0, rows.count)
        const exact = Float64Array.from(z)
        const expected = {
          dz: new Float64Array(z.length),
          prediction: new Float64Array(z.length),
          totals: new Float64Array(2),
        }
        lossAndGradient(loss, outputs, rows, exact, expected.dz, expected.totals)
        const wrong: [string, number][] = []
        let lossBound = 0
        for (let r = 0; r < rows.count; r++) {
          const at = r * outputs
          const [y, weight] = [labelOf(rows, r), weightOf(rows, r)]
          loss.predict(exact, at, outputs, expected.prediction)
          const [ofLoss, ofGradient, ofPrediction] = kernelBounds(
            z.subarray(at, at + outputs),
            y,
            loss.value(exact, at, outputs, y),
          )
          lossBound += weight * ofLoss
          for (let k = at; k < at + outputs; k++) {
            if (!(Math.abs(dz[k]! - expected.dz[k]!) <= weight * ofGradient)) wrong.push(['dz', k])
            if (!(Math.abs(prediction[k]! - expected.prediction[k]!) <= ofPrediction))
              wrong.push(['prediction', k])
          }
        }
        expect(wrong).toEqual([])
        // The f64 sums of both sides round less than once in 2^−52 a row, nothing beside the f32 errors.
        expect(Math.abs(totals[0]! - expected.totals[0]!)).toBeLessThanOrEqual(lossBound * (1 + 2 ** -20))
        expect(totals[1]).toBe(expected.totals[1])
      }),
      { numRuns },
    )
  })

  it('gives the same bits however a run is cut, and changes nothing but its results', () => {
    const everything = ({ end }: Placed): Buffer => Buffer.from(bytes.slice(heap, end))
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(30), { maxLength: 8 }), (chosen, places) => {
        const whole = place(name, chosen)
        const before = everything(whole)
        run(name, whole, 0, chosen.count)
        const expected = everything(whole)
        const borders = [
          0,
          ...places.map((at) => Math.min(at, chosen.count)).sort((a, b) => a - b),
          chosen.count,
        ]
        const parts = place(name, chosen)
        for (let i = 1; i < borders.length; i++) run(name, parts, borders[i - 1]!, borders[i]!)
        expect(everything(parts).equals(expected)).toBe(true)
        for (const written of [whole.dz, whole.prediction, whole.totals]) {
          const from = written.byteOffset - heap
          before.copy(expected, from, from, from + written.byteLength)
        }
        expect(expected.equals(before)).toBe(true)
      }),
      { numRuns },
    )
  })

  it('adds to the totals it finds', () => {
    const placed = place(name, {
      outputs: lossCases[name].outputs === 1 ? 1 : 3,
      count: 5,
      range: 2,
      seed: 3,
    })
    placed.totals.set([1000, 500])
    run(name, placed, 0, 5)
    const weights = Array.from({ length: 5 }, (_, r) => weightOf(placed.rows, r))
    // Oracle: the weights themselves, added in f64 in the same order.
    expect(placed.totals[1]).toBe(weights.reduce((total, weight) => total + weight, 500))
    expect(placed.totals[0]).toBeGreaterThan(1000)
    expect(placed.totals[0]).toBeLessThan(1000 + 100)
  })
})
