/** Places of touched categories, in a table that grows within a step; the oracle is a JavaScript Map. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { TouchedPlaces } from '../../src/engine/touched-places.js'

const memory = new SharedMemory(compileKernel())

it('has every index once, in the order in which they are met, over steps of any size', () => {
  const indices = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 3000 })
  fc.assert(
    fc.property(fc.array(indices, { minLength: 1, maxLength: 4 }), (steps) => {
      const region = (name: string, words: number) => memory.allocate(name, words * 4)
      const [rows, packed, dz] = [region('rows', 3001), region('packed', 3001), region('dz', 3001)]
      const touched = region('touched', 3002)
      const places = new TouchedPlaces(memory, 3001)
      memory.f32(dz).fill(1)
      for (const step of steps) {
        const met = new Map<number, number>()
        for (const index of step) met.set(index, (met.get(index) ?? 0) + 1)
        memory.u32(rows).set(step)
        let count = 0
        // Runs of rows of one category each: the table grows between them.
        for (let first = 0; first < step.length; first += 700) {
          const run = Math.min(700, step.length - first)
          places.reserve(memory.u32(touched), count, run)
          const at = rows.start + first * 4
          const list = [packed.start, places.address, places.base, touched.start, count] as const
          count = memory.kernel.backpropTouched(at, 4, run, 0, 1, 1, dz.start, ...list)
        }
        places.nextStep(count)
        expect([...memory.u32(touched).subarray(0, count)]).toEqual([...met.keys()])
        // Sums of ones are exact.
        expect([...memory.f32(packed).subarray(0, count)]).toEqual([...met.values()])
      }
    }),
    { numRuns: 50 },
  )
})
