/** Activations and links in JavaScript against the kernel: the same bits for numbers of every size. */
import { describe, expect, it } from 'vitest'
import { activationNames, activations } from '../../src/activation/index.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { activationsInF32 } from '../../src/portable/activations.js'
import { linkFunctions } from '../../src/portable/link-functions.js'

const memory = new SharedMemory(compileKernel())

/** Of every sign and exponent, in steps of a sixteenth of the significand and a little off, and 0. */
const numbers: Float32Array = Float32Array.from(
  [
    0,
    ...Array.from({ length: 2 * 160 * 64 }, (_, i) => {
      const exponent = ((i >> 7) % 160) - 140
      const significand = 1 + (i & 63) / 64 + Math.fround(i / 2 ** 21)
      return (i & 64 ? -1 : 1) * significand * 2 ** exponent
    }),
  ].slice(0, 20480),
)

const z = memory.allocate('z', numbers.length * 4)
const a = memory.allocate('a', numbers.length * 4)

/** Numbers for which the two differ. */
function different(inKernel: Float32Array, here: Float32Array): number[] {
  return [...numbers].filter((_, i) => !Object.is(inKernel[i], here[i]))
}

describe.each(activationNames)('%s', (name) => {
  it('has the bits of the kernel', () => {
    memory.f32(z).set(numbers)
    memory.kernel[activations[name].kernel.forward](z.start, a.start, numbers.length)
    expect(different(memory.f32(a), numbers.map(activationsInF32[name]))).toEqual([])
  })
})

describe.each(Object.keys(linkFunctions) as (keyof typeof linkFunctions)[])('%s', (name) => {
  it.each([1, 2, 3, 4, 5, 8, 16])('has the bits of the kernel with %d outputs', (outputs) => {
    const rows = Math.floor(numbers.length / outputs)
    memory.f32(z).set(numbers)
    memory.kernel[name]!(z.start, rows, outputs, a.start)
    const here = new Float32Array(numbers.length)
    for (let first = 0; first < rows * outputs; first += outputs) {
      here.set(linkFunctions[name]!(numbers.slice(first, first + outputs)), first)
    }
    expect(different(memory.f32(a).subarray(0, rows * outputs), here.subarray(0, rows * outputs))).toEqual([])
  })
})
