import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearParameters } from '../../src/model/linear.js'
import { backprop } from '../../src/step/backprop.js'
import { forward } from '../../src/step/forward.js'
import { plainCategories, scaledSlots } from '../../src/step/rows.js'
import { fillUniform, gamma, randomProblem, type Problem, type ProblemSize } from '../step/random-rows.js'
import { openKernel } from './harness.js'

const opened = openKernel(32)
const { kernel, memory, bytes } = opened
const HEAP_BYTES = 400_000
const heap = opened.allocate(HEAP_BYTES)

type Words = Float32Array | Uint32Array

/** Lays arrays one after the other, 16-byte aligned and 16 bytes apart, from the beginning of the memory, which holds a pattern. */
function placer(): <T extends Words>(source: T) => T {
  bytes.fill(0x5a, heap, heap + HEAP_BYTES)
  let next = heap
  return <T extends Words>(source: T): T => {
    const make = source.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T
    const placed = new make(memory.buffer, next, source.length)
    placed.set(source)
    next = Math.ceil((next + source.byteLength) / 16) * 16 + 16
    if (next > heap + HEAP_BYTES) throw new Error('the case does not fit')
    return placed
  }
}

interface Placed extends Problem {
  parameters: Float32Array
  z: Float32Array
  dz: Float32Array
  gradient: Float32Array
}

/** A random problem with its rows, parameters and gradients in the kernel's memory. */
function place(size: ProblemSize): Placed {
  const put = placer()
  const { model, rows, random } = randomProblem(size)
  const words = put(rows.words as Float32Array)
  const indices = new Uint32Array(memory.buffer, words.byteOffset, words.length)
  return {
    model,
    random,
    rows: { ...rows, words, indices },
    parameters: put(fillUniform(new Float32Array(model.words), random)),
    z: put(new Float32Array(size.count * size.outputs)),
    dz: put(fillUniform(new Float32Array(size.count * size.outputs), random)),
    gradient: put(fillUniform(new Float32Array(model.words), random)),
  }
}

const address = (array: Words, word = 0): number => array.byteOffset + 4 * word

function kernelForward({ model, rows, parameters, z }: Placed, from: number, to: number): void {
  const { strideWords, denseWords } = rows.layout
  const { w, bias, v } = linearParameters(model, parameters)
  kernel.forwardLinear(
    address(rows.indices, from * strideWords),
    strideWords * 4,
    to - from,
    denseWords,
    plainCategories(rows.layout),
    model.outputs,
    address(w),
    address(bias),
    address(v),
    address(z, from * model.outputs),
  )
  for (const { slotWord, factorWord } of scaledSlots(rows.layout)) {
    kernel.forwardScaled(
      address(rows.indices, from * strideWords),
      strideWords * 4,
      to - from,
      slotWord,
      factorWord,
      model.outputs,
      address(v),
      address(z, from * model.outputs),
    )
  }
}

function kernelBackprop({ model, rows, dz, gradient }: Placed, from: number, to: number): void {
  const { strideWords, denseWords } = rows.layout
  const { w, bias, v } = linearParameters(model, gradient)
  const first = address(rows.indices, from * strideWords)
  const slopes = address(dz, from * model.outputs)
  const stride = strideWords * 4
  kernel.backpropLinear(
    first,
    stride,
    to - from,
    denseWords,
    model.outputs,
    slopes,
    address(w),
    address(bias),
  )
  kernel.backpropCategories(
    first,
    stride,
    to - from,
    denseWords,
    plainCategories(rows.layout),
    model.outputs,
    slopes,
    address(v),
  )
  for (const { slotWord, factorWord } of scaledSlots(rows.layout)) {
    kernel.backpropScaled(first, stride, to - from, slotWord, factorWord, model.outputs, slopes, address(v))
  }
}

/** max_i |a[i] − b[i]|; NaN where one is NaN. */
function largestDifference(a: Float32Array, b: Float64Array): number {
  let largest = 0
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}

const sizes = fc.record({
  dense: fc.oneof(fc.integer({ min: 0, max: 80 }), fc.constantFrom(28, 128, 132, 260)),
  categories: fc.integer({ min: 0, max: 4 }),
  scaled: fc.integer({ min: 0, max: 2 }),
  outputs: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(1)),
  count: fc.integer({ min: 0, max: 40 }),
  values: fc.integer({ min: 1, max: 20 }),
  classes: fc.constant(2),
  seed: fc.integer(),
})
const numRuns = process.env.MILLRACE_THOROUGH === '1' ? 5000 : 200

describe('forwardLinear and forwardScaled', () => {
  it('computes one row by hand', () => {
    const case1 = place({ dense: 3, categories: 1, outputs: 2, count: 1, values: 2, classes: 2, seed: 1 })
    case1.rows.words.set([1, 2, 3])
    case1.rows.indices[case1.rows.layout.denseWords] = 1
    const { w, bias, v } = linearParameters(case1.model, case1.parameters)
    w.set([1, 10, 100, 0, -1, 0.5, 0.25, 0])
    bias.set([0.5, -2])
    v.set([99, 99, 1000, 0.125])
    kernelForward(case1, 0, 1)
    // 1 + 20 + 300 + 0.5 + 1000 and −1 + 1 + 0.75 − 2 + 0.125, exact in f32.
    expect(Array.from(case1.z)).toEqual([1321.5, -1.125])
  })

  it('agrees with the reference', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const problem = place(size)
        const { model, rows, parameters, z } = problem
        kernelForward(problem, 0, rows.count)
        const expected = new Float64Array(z.length)
        forward(model, Float64Array.from(parameters), rows, expected)
        // Roundings that one term passes through: its product, the additions of its lane, two to join the lanes,
        // the bias, and one for each category, of which a scaled one has a product. Every term is below 1, so they add
        // up to less than D + 1 + C.
        const roundings = 1 + model.denseWords / 4 + 2 + 1 + model.categories + 1
        const bound = gamma(roundings) * (model.dense + 1 + model.categories)
        expect(largestDifference(z, expected)).toBeLessThanOrEqual(bound)
      }),
      { numRuns },
    )
  })
})

describe('backpropLinear, backpropCategories and backpropScaled', () => {
  it('agree with the reference', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const problem = place(size)
        const { model, rows, dz, gradient } = problem
        const expected = Float64Array.from(gradient)
        backprop(model, rows, Float64Array.from(dz), expected)
        kernelBackprop(problem, 0, rows.count)
        // One product, then one addition a row to what was there before; a row may meet an index once only, because
        // every category column has indices of its own. Each of count + 1 terms is below 1.
        const bound = gamma(1 + rows.count) * (rows.count + 1)
        expect(largestDifference(gradient, expected)).toBeLessThanOrEqual(bound)
      }),
      { numRuns },
    )
  })
})

describe('a run of rows', () => {
  /** The whole memory of the case: results, inputs, and the gaps between them. */
  const everything = (): Buffer => Buffer.from(bytes.slice(heap, heap + HEAP_BYTES))

  /** What the memory holds after the steps on the rows between neighbouring borders, one run after the other. */
  function afterRuns(size: ProblemSize, borders: number[]): Buffer {
    const problem = place(size)
    for (let i = 1; i < borders.length; i++) kernelForward(problem, borders[i - 1]!, borders[i]!)
    for (let i = 1; i < borders.length; i++) kernelBackprop(problem, borders[i - 1]!, borders[i]!)
    return everything()
  }

  it('gives the same bits however it is cut', () => {
    const cuts = fc.array(fc.nat(40), { maxLength: 8 })
    fc.assert(
      fc.property(sizes, cuts, (size, places) => {
        const inside = places.map((at) => Math.min(at, size.count)).sort((a, b) => a - b)
        const whole = afterRuns(size, [0, size.count])
        expect(afterRuns(size, [0, ...inside, size.count]).equals(whole)).toBe(true)
      }),
      { numRuns },
    )
  })

  it('gives the same bits row by row', () => {
    const size = { dense: 28, categories: 2, outputs: 3, count: 33, values: 9, classes: 2, seed: 5 }
    const rowByRow = Array.from({ length: size.count + 1 }, (_, r) => r)
    expect(afterRuns(size, rowByRow).equals(afterRuns(size, [0, size.count]))).toBe(true)
  })

  it('changes nothing but z and the gradient', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const problem = place(size)
        const before = everything()
        kernelForward(problem, 0, size.count)
        kernelBackprop(problem, 0, size.count)
        const { w, bias, v } = linearParameters(problem.model, problem.gradient)
        const after = everything()
        for (const written of [problem.z, w, bias, v]) {
          const from = written.byteOffset - heap
          before.copy(after, from, from, from + written.byteLength)
        }
        expect(after.equals(before)).toBe(true)
      }),
      { numRuns },
    )
  })
})
