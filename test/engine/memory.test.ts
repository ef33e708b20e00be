import { describe, expect, it } from 'vitest'
import { Credits } from '../../src/engine/credits.js'
import { READ_AHEAD, SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'

const module = compileKernel()

describe('the shared memory', () => {
  it('gives regions that share no byte and no cache line, all above the constants of the kernel', () => {
    const memory = new SharedMemory(module)
    for (const bytes of [1, 0, 64, 63, 65, 1000, 200_000, 4]) memory.allocate(`region of ${bytes}`, bytes)
    let before = memory.kernel.heapBase
    for (const { start, bytes } of memory.regions) {
      expect(start % 64).toBe(0)
      expect(start).toBeGreaterThanOrEqual(before)
      before = start + bytes
    }
    expect(memory.regions.map(({ bytes }) => bytes)).toEqual([1, 0, 64, 63, 65, 1000, 200_000, 4])
    // The kernel may read ahead of the last region, too.
    expect(memory.memory.buffer.byteLength).toBeGreaterThanOrEqual(before + READ_AHEAD)
  })

  it('shows the same bytes as each kind of number, and keeps them when it grows', () => {
    const memory = new SharedMemory(module)
    const region = memory.allocate('numbers', 64)
    const old = memory.views
    memory.f64(region)[0] = 1
    memory.allocate('much', 10 << 20)
    expect(memory.views.u8.length).toBeGreaterThan(old.u8.length)
    // 1 is 0x3ff0000000000000 in f64: IEEE 754.
    expect([...memory.u8(region).subarray(0, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    expect(memory.u32(region)[1]).toBe(0x3ff00000)
    expect(memory.views.f64[region.start / 8]).toBe(1)
    expect(old.f64[region.start / 8]).toBe(1)
    old.f32[region.start / 4] = 2
    expect(memory.f32(region)[0]).toBe(2)
  })

  it('says what it was for when there is no more', () => {
    const memory = new SharedMemory(module)
    expect(() => memory.allocate('a mini-batch', 2 ** 32)).toThrow(
      expect.objectContaining({
        code: 'OUT_OF_MEMORY',
        message: expect.stringContaining('a mini-batch') as string,
      }),
    )
  })
})

describe('credits', () => {
  it('lend what there is and no more, first come, first served', async () => {
    const credits = new Credits(['a', 'b'])
    const lent = [await credits.take(), await credits.take()]
    expect([...lent].sort()).toEqual(['a', 'b'])
    const order: string[] = []
    const waiting = ['first', 'second'].map((name) =>
      credits.take().then((item) => order.push(`${name} ${item}`)),
    )
    await Promise.resolve()
    expect(order).toEqual([])
    credits.give('b')
    credits.give('a')
    await Promise.all(waiting)
    expect(order).toEqual(['first b', 'second a'])
  })

  it('lend again what was given back', async () => {
    const credits = new Credits([1])
    for (let i = 0; i < 3; i++) {
      expect(await credits.take()).toBe(1)
      credits.give(1)
    }
  })
})
