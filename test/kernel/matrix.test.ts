import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  matrixBackpropInput,
  matrixBackpropWeights,
  matrixForward,
  type Matrix,
} from '../../src/step/matrix.js'
import { roundUpToFour } from '../../src/step/rows.js'
import { fillUniform, gamma, uniform } from '../step/random-rows.js'
import { openKernel } from './harness.js'

const opened = openKernel(32)
const { kernel, memory } = opened
const HEAP_WORDS = 130_000
const heap = new Float32Array(memory.buffer, opened.allocate(HEAP_WORDS * 4), HEAP_WORDS)
/** What lies in every word that no matrix claims. */
const UNTOUCHED = 12_345

interface Size {
  rows: number
  inputs: number
  outputs: number
  /** Words between the end of a row and the next. */
  gap: number
  seed: number
}

interface Layer {
  x: Float32Matrix
  w: Float32Matrix
  bias: Float32Array
  z: Float32Matrix
}

interface Float32Matrix extends Matrix {
  readonly words: Float32Array
  readonly columns: number
}

/** The matrices of a random layer in the kernel's memory; all numbers lie in [−1, 1), padding is 0, all else UNTOUCHED. */
function placeLayer({ rows, inputs, outputs, gap, seed }: Size): Layer {
  const random = uniform(seed)
  heap.fill(UNTOUCHED)
  let next = 4
  const put = (count: number, columns: number, step: number): Float32Matrix => {
    const words = heap.subarray(next, next + count * step)
    next = roundUpToFour(next + words.length) + 8
    if (next > HEAP_WORDS) throw new Error('the case does not fit')
    for (let r = 0; r < count; r++) fillUniform(words.subarray(r * step, r * step + columns), random)
    return { words, first: 0, step, columns }
  }
  const padded = roundUpToFour(outputs)
  const x = put(rows, inputs, inputs + gap)
  const w = put(inputs, outputs, padded)
  const bias = put(1, outputs, padded)
  for (let k = 0; k < inputs; k++) w.words.fill(0, k * padded + outputs, (k + 1) * padded)
  bias.words.fill(0, outputs)
  return { x, w, bias: bias.words, z: put(rows, outputs, outputs + gap) }
}

const address = (matrix: Float32Matrix, row = 0): number => matrix.words.byteOffset + 4 * row * matrix.step

/** The heap as bytes, which compare fast, with nothing but 0 in rows × columns of the given matrices. */
function heapWithout(...parts: readonly (readonly [Float32Matrix, rows: number])[]): Buffer {
  const copy = heap.slice()
  for (const [{ words, step, columns }, rows] of parts) {
    const start = (words.byteOffset - heap.byteOffset) / 4
    for (let r = 0; r < rows; r++) copy.fill(0, start + r * step, start + r * step + columns)
  }
  return Buffer.from(copy.buffer)
}

const f64 = (matrix: Float32Matrix): Matrix => ({ ...matrix, words: Float64Array.from(matrix.words) })

function largestDifference(a: Float32Matrix, b: Matrix, rows: number): number {
  let largest = 0
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < a.columns; j++) {
      const difference = Math.abs(a.words[r * a.step + j]! - b.words[r * b.step + j]!)
      if (!(difference <= largest)) largest = difference
    }
  }
  return largest
}

const sizes = fc.record({
  rows: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(64, 129, 200)),
  inputs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(255, 256, 257)),
  outputs: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 130)),
  gap: fc.integer({ min: 0, max: 5 }),
  seed: fc.integer(),
})
const numRuns = process.env.MILLRACE_THOROUGH === '1' ? 2000 : 60

/** The three functions, each as one call on some of the rows; `result` is the matrix it writes. */
const functions = {
  matrixForward: {
    result: ({ z }: Layer) => z,
    call: ({ x, w, bias, z }: Layer, size: Size, from: number, to: number) =>
      kernel.matrixForward(
        address(x, from),
        x.step,
        address(w),
        w.step,
        bias.byteOffset,
        address(z, from),
        z.step,
        to - from,
        size.inputs,
        size.outputs,
      ),
    reference: ({ x, w, bias, z }: Layer, size: Size) => {
      const expected = f64(z)
      matrixForward(f64(x), f64(w), bias, expected, size.rows, size.inputs, size.outputs)
      return expected
    },
    // A chain: one product and as many additions as there are inputs, of terms below 1, and the bias.
    bound: ({ inputs }: Size) => gamma(inputs + 1) * (inputs + 1),
    rows: ({ rows }: Size) => rows,
  },
  matrixBackpropInput: {
    result: ({ x }: Layer) => x,
    call: ({ x, w, z }: Layer, size: Size, from: number, to: number) =>
      kernel.matrixBackpropInput(
        address(z, from),
        z.step,
        address(w),
        w.step,
        address(x, from),
        x.step,
        to - from,
        size.inputs,
        size.outputs,
      ),
    reference: ({ x, w, z }: Layer, size: Size) => {
      const expected = f64(x)
      matrixBackpropInput(f64(z), f64(w), expected, size.rows, size.inputs, size.outputs)
      return expected
    },
    // One product, the additions of a lane, and two to join the lanes.
    bound: ({ outputs }: Size) => gamma(Math.ceil(outputs / 4) + 3) * outputs,
    rows: ({ rows }: Size) => rows,
  },
  matrixBackpropWeights: {
    result: ({ w }: Layer) => w,
    call: ({ x, w, bias, z }: Layer, size: Size, from: number, to: number) =>
      kernel.matrixBackpropWeights(
        address(x, from),
        x.step,
        address(z, from),
        z.step,
        address(w),
        w.step,
        bias.byteOffset,
        to - from,
        size.inputs,
        size.outputs,
      ),
    reference: ({ x, w, bias, z }: Layer, size: Size) => {
      const expected = f64(w)
      const db = Float64Array.from(bias)
      matrixBackpropWeights(f64(x), f64(z), expected, db, size.rows, size.inputs, size.outputs)
      return expected
    },
    bound: ({ rows }: Size) => gamma(rows + 1) * (rows + 1),
    rows: ({ inputs }: Size) => inputs,
  },
} as const

describe.each(Object.entries(functions))('%s', (name, { call, reference, result, bound, rows }) => {
  // Oracle: the reference in f64. Tolerance: |error| ≤ γ(roundings that a term passes through) · Σ |terms|.
  it('agrees with the reference, and writes nothing else', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const layer = placeLayer(size)
        const expected = reference(layer, size)
        const db = Float64Array.from(layer.bias)
        for (let r = 0; r < size.rows; r++) {
          for (let j = 0; j < size.outputs; j++) db[j]! += layer.z.words[r * layer.z.step + j]!
        }
        const matrix = result(layer)
        const written: [Float32Matrix, number][] = [[matrix, rows(size)]]
        if (name === 'matrixBackpropWeights') {
          written.push([{ words: layer.bias, first: 0, step: size.outputs, columns: size.outputs }, 1])
        }
        const before = heapWithout(...written)
        call(layer, size, 0, size.rows)
        expect(largestDifference(matrix, expected, rows(size))).toBeLessThanOrEqual(bound(size))
        expect(before.equals(heapWithout(...written))).toBe(true)
        if (name !== 'matrixBackpropWeights') return
        for (let j = 0; j < size.outputs; j++) {
          expect(Math.abs(layer.bias[j]! - db[j]!)).toBeLessThanOrEqual(bound(size))
        }
      }),
      { numRuns },
    )
  })

  it('leaves the same bits however the rows are cut into calls', () => {
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(200), { maxLength: 4 }), (size, cuts) => {
        const whole = placeLayer(size)
        call(whole, size, 0, size.rows)
        const expected = heapWithout()
        const parts = placeLayer(size)
        const ends = [...cuts.map((cut) => Math.min(cut, size.rows)), size.rows].sort((a, b) => a - b)
        let from = 0
        for (const to of ends) {
          call(parts, size, from, to)
          from = to
        }
        expect(expected.equals(heapWithout())).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('the order of the sums', () => {
  const size = { rows: 131, inputs: 261, outputs: 13, gap: 0, seed: 5 }

  // Oracle: the same chain of f32 operations, each rounded by Math.fround, which is exact for one + or × of two f32.
  it('is index after index, from the bias, in matrixForward', () => {
    const layer = placeLayer(size)
    functions.matrixForward.call(layer, size, 0, size.rows)
    const { x, w, bias, z } = layer
    for (const [r, j] of [
      [0, 0],
      [5, 7],
      [126, 8],
      [130, 12],
    ] as const) {
      let sum = bias[j]!
      for (let k = 0; k < size.inputs; k++) {
        sum = Math.fround(sum + Math.fround(x.words[r * x.step + k]! * w.words[k * w.step + j]!))
      }
      expect(z.words[r * z.step + j]).toBe(sum)
    }
  })

  it('is row after row, from memory, in matrixBackpropWeights', () => {
    const layer = placeLayer(size)
    const { x, w, bias, z } = layer
    const start = Array.from(w.words)
    const startOfBias = Array.from(bias)
    functions.matrixBackpropWeights.call(layer, size, 0, size.rows)
    for (const [k, j] of [
      [0, 0],
      [7, 7],
      [255, 8],
      [260, 12],
    ] as const) {
      let sum = start[k * w.step + j]!
      let sumOfSlopes = startOfBias[j]!
      for (let r = 0; r < size.rows; r++) {
        const slope = z.words[r * z.step + j]!
        sum = Math.fround(sum + Math.fround(x.words[r * x.step + k]! * slope))
        sumOfSlopes = Math.fround(sumOfSlopes + slope)
      }
      expect(w.words[k * w.step + j]).toBe(sum)
      expect(bias[j]).toBe(sumOfSlopes)
    }
  })

  it('is four lanes joined as (0 + 2) + (1 + 3) in matrixBackpropInput', () => {
    const layer = placeLayer(size)
    const { x, w, z } = layer
    functions.matrixBackpropInput.call(layer, size, 0, size.rows)
    for (const [r, k] of [
      [0, 0],
      [127, 259],
      [130, 260],
    ] as const) {
      const lanes = [0, 0, 0, 0]
      for (let j = 0; j < size.outputs; j++) {
        const product = Math.fround(z.words[r * z.step + j]! * w.words[k * w.step + j]!)
        lanes[j % 4] = Math.fround(lanes[j % 4]! + product)
      }
      const even = Math.fround(lanes[0]! + lanes[2]!)
      const odd = Math.fround(lanes[1]! + lanes[3]!)
      expect(x.words[r * x.step + k]).toBe(Math.fround(even + odd))
    }
  })
})
