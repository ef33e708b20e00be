/** The packed category gradients: the kernel against src/step/touched.ts, and that against dense backprop and a Set. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Places, PlaceSlot } from '../../workers/layout.js'
import { linearParameters } from '../../src/model/linear.js'
import { backpropCategories } from '../../src/step/backprop.js'
import { categoryIndex, plainCategories, scaledSlots } from '../../src/step/rows.js'
import { backpropTouched, gather, scatter, scatterAdd, type Touched } from '../../src/step/touched.js'
import { fillUniform, gamma, randomProblem, type Problem } from '../step/random-rows.js'
import { openKernel } from './harness.js'

const { kernel, memory } = openKernel(24)
const HEAP_BYTES = 1 << 20
const bytes = new Uint8Array(memory.buffer)
const numRuns = process.env.MILLRACE_THOROUGH === '1' ? 5000 : 200

type Words = Float32Array | Uint32Array

/** Copies arrays into the kernel's memory, one behind the other. */
function placer() {
  let next = Math.ceil(kernel.heapBase / 16) * 16
  bytes.fill(0, next, next + HEAP_BYTES)
  return <T extends Words>(source: T): T => {
    const make = source.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => T
    const placed = new make(memory.buffer, next, source.length)
    placed.set(source)
    next = Math.ceil((next + source.byteLength) / 16) * 16 + 16
    return placed
  }
}

const sizes = fc.record({
  dense: fc.integer({ min: 0, max: 5 }),
  categories: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  count: fc.integer({ min: 0, max: 40 }),
  values: fc.integer({ min: 1, max: 20 }),
  classes: fc.constant(2),
  seed: fc.integer(),
})

function touchedOf({ model }: Problem): Touched {
  return { indices: new Uint32Array(model.categoryCount), places: new Map(), count: 0 }
}

/** A table of Places that is half full of marks of earlier steps: any number up to the base, of any index. */
function placesOf({ model }: Problem, base: number): Uint32Array {
  const bits = Math.ceil(Math.log2(2 * model.categoryCount))
  const slots = Array.from({ length: 2 ** bits }, (_, i) => [i, i % 2 === 0 ? 0 : (i * 7) % (base + 1)])
  return Uint32Array.from([32 - bits, Places.Slots + PlaceSlot.SIZE * 2 ** bits, ...slots.flat()])
}

describe('backpropTouched', () => {
  it('packs the gradient of dense backprop, in the order in which indices are met', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const problem = randomProblem(size)
        const { model, rows, random } = problem
        const dz = fillUniform(new Float32Array(size.count * size.outputs), random)
        const dense = new Float32Array(model.words)
        backpropCategories(model, rows, dz, dense)
        const touched = touchedOf(problem)
        const packed = new Float32Array(model.categoryCount * size.outputs)
        backpropTouched(size.outputs, rows, dz, packed, touched)
        // Oracle of the order: a JavaScript Set keeps that of insertion.
        const met = new Set<number>()
        for (let r = 0; r < size.count; r++)
          for (let c = 0; c < size.categories; c++) met.add(categoryIndex(rows, r, c))
        expect([...touched.indices.subarray(0, touched.count)]).toEqual([...met])
        const { v } = linearParameters(model, dense)
        const expected = [...met].flatMap((i) => [...v.subarray(i * size.outputs, (i + 1) * size.outputs)])
        expect([...packed.subarray(0, touched.count * size.outputs)]).toEqual(expected)
      }),
      { numRuns },
    )
  })

  it('has the bits of its twin, over the runs of several steps', () => {
    fc.assert(
      fc.property(sizes, fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (size, base, cut) => {
        const problem = randomProblem(size)
        const { model, rows, random } = problem
        const { layout } = rows
        const touched = touchedOf(problem)
        const put = placer()
        const words = put(rows.words as Float32Array)
        const dz = put(fillUniform(new Float32Array(size.count * size.outputs), random))
        const packed = put(new Float32Array(model.categoryCount * size.outputs).fill(NaN))
        const places = put(placesOf(problem, base))
        const indices = put(new Uint32Array(model.categoryCount + 1))
        const twin = new Float32Array(packed)
        for (let step = 0, from = base; step < 2; step++) {
          const first = Math.floor(cut * size.count)
          let count = 0
          for (const [start, end] of [
            [0, first],
            [first, size.count],
          ] as const) {
            count = kernel.backpropTouched(
              words.byteOffset + start * layout.strideWords * 4,
              layout.strideWords * 4,
              end - start,
              layout.denseWords,
              layout.categories,
              size.outputs,
              dz.byteOffset + start * size.outputs * 4,
              packed.byteOffset,
              places.byteOffset,
              from,
              indices.byteOffset,
              count,
            )
          }
          touched.places.clear()
          touched.count = 0
          backpropTouched(size.outputs, rows, dz, twin, touched)
          expect(count).toBe(touched.count)
          expect([...indices.subarray(0, count)]).toEqual([...touched.indices.subarray(0, count)])
          expect(Buffer.from(packed.slice()).equals(Buffer.from(twin))).toBe(true)
          from += count
        }
      }),
      { numRuns },
    )
  })
})

describe('backpropTouchedScaled', () => {
  it('packs the gradient of dense backprop, behind what plain categories have touched', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 3 }), fc.nat(1000), (size, scaled, base) => {
        const problem = randomProblem({ ...size, dense: size.dense + 1, scaled })
        const { model, rows, random } = problem
        const { layout } = rows
        const put = placer()
        const words = put(rows.words as Float32Array)
        const dz = put(fillUniform(new Float32Array(size.count * size.outputs), random))
        const dense = new Float64Array(model.words)
        backpropCategories(model, rows, dz, dense)
        const packed = put(new Float32Array(model.categoryCount * size.outputs).fill(NaN))
        const places = put(placesOf(problem, base))
        const indices = put(new Uint32Array(model.categoryCount + 1))
        const stride = layout.strideWords * 4
        const target = [packed.byteOffset, places.byteOffset, base, indices.byteOffset] as const
        const run = [words.byteOffset, stride, size.count] as const
        const plain = plainCategories(layout)
        let count = kernel.backpropTouched(
          ...run,
          layout.denseWords,
          plain,
          size.outputs,
          dz.byteOffset,
          ...target,
          0,
        )
        for (const { slotWord, factorWord } of scaledSlots(layout)) {
          const slot = [slotWord, factorWord, size.outputs, dz.byteOffset] as const
          count = kernel.backpropTouchedScaled(...run, ...slot, ...target, count)
        }
        const met = new Set<number>()
        for (let r = 0; r < size.count; r++)
          for (let c = 0; c < size.categories; c++) met.add(categoryIndex(rows, r, c))
        expect([...indices.subarray(0, count)].sort()).toEqual([...met].sort())
        const { v } = linearParameters(model, dense)
        // One product and one addition a row, of terms below 1: see linear.test.ts.
        const bound = gamma(1 + size.count) * (size.count + 1)
        for (let i = 0; i < count; i++) {
          for (let k = 0; k < size.outputs; k++) {
            const expected = v[indices[i]! * size.outputs + k]!
            expect(Math.abs(packed[i * size.outputs + k]! - expected)).toBeLessThanOrEqual(bound)
          }
        }
      }),
      { numRuns },
    )
  })
})

describe('gather, scatter and scatterAdd', () => {
  it('have the bits of their twins', () => {
    const cases = fc.record({
      outputs: fc.integer({ min: 1, max: 3 }),
      total: fc.integer({ min: 1, max: 30 }),
      picked: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(cases, ({ outputs, total, picked, seed }) => {
        const { random } = randomProblem({
          ...{ dense: 0, categories: 0, outputs: 1, count: 0, values: 1, classes: 2, seed },
        })
        const put = placer()
        const all = put(fillUniform(new Float32Array(total * outputs), random))
        // Each index once, as they are in a step.
        const drawn = Array.from({ length: total }, (_, i) => i).filter(() => random() < picked)
        const indices = put(Uint32Array.from(drawn.reverse()))
        const count = drawn.length
        const packed = put(fillUniform(new Float32Array(count * outputs), random))
        const entries = { indices, count, outputs }
        const twinAll = new Float32Array(all)
        const twinPacked = new Float32Array(packed)
        const same = (): void => {
          expect([...all]).toEqual([...twinAll])
          expect([...packed]).toEqual([...twinPacked])
        }
        const address = [indices.byteOffset, count, outputs] as const
        kernel.scatterAdd(packed.byteOffset, ...address, all.byteOffset)
        scatterAdd(twinPacked, entries, twinAll)
        same()
        kernel.gather(all.byteOffset, ...address, packed.byteOffset)
        gather(twinAll, entries, twinPacked)
        same()
        packed.fill(0.5)
        twinPacked.fill(0.5)
        kernel.scatter(packed.byteOffset, ...address, all.byteOffset)
        scatter(twinPacked, entries, twinAll)
        same()
      }),
      { numRuns },
    )
  })
})
