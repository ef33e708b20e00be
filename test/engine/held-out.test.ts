import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ParseResult, Slot } from '../../workers/layout.js'
import { HeldOutRows } from '../../src/engine/held-out.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel } from '../../src/engine/pool.js'
import { ParseSlot } from '../../src/engine/slots.js'

/** Rows so wide that 16 of them are all that is kept in memory. */
const STRIDE = 1 << 20

function setUp() {
  const memory = new SharedMemory(compileKernel())
  const slot = new ParseSlot(memory, 5, STRIDE)
  const heldOut = new HeldOutRows(memory, STRIDE)
  // Views of the memory as it is now that all has been allocated.
  slot.ask({ context: 0, file: undefined, raw: 0, offset: 0, length: 0, ends: 0, position: 0 })
  let next = 0
  /** Held-out rows as the parser leaves them, downwards from the end; each has its number at both ends. */
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const word = slot.validationRow(i) >>> 2
      memory.views.u32[word] = next
      memory.views.u32[word + STRIDE / 4 - 1] = next++
    }
    memory.views.u32[(slot.address + Slot.Result + ParseResult.ValidationRows) >>> 2] = count
    heldOut.add(slot)
  }
  const read = (): number[] => {
    const numbers: number[] = []
    for (const { start, count } of heldOut.stretches()) {
      for (let row = 0; row < count; row++) {
        const word = (start + row * STRIDE) >>> 2
        expect(memory.views.u32[word + STRIDE / 4 - 1]).toBe(memory.views.u32[word])
        numbers.push(memory.views.u32[word]!)
      }
    }
    return numbers
  }
  return { heldOut, add, read }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

describe('held-out rows', () => {
  it('are kept in memory, and beyond that in a file without a name', () => {
    const { heldOut, add, read } = setUp()
    const before = readdirSync(tmpdir())
    for (const count of [3, 0, 5, 5, 1]) add(count)
    expect(ascending(read())).toEqual(upTo(14))
    for (const count of [5, 5, 4, 5, 2]) add(count)
    expect(heldOut.count).toBe(35)
    // Twice: they are read at the end of every epoch.
    expect(ascending(read())).toEqual(upTo(35))
    expect(read()).toEqual(read())
    add(1)
    expect(ascending(read())).toEqual(upTo(36))
    expect(
      readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-') && !before.includes(name)),
    ).toEqual([])
    heldOut.close()
  })

  it('keep the order of the slots from which they come', () => {
    const { heldOut, add, read } = setUp()
    add(4)
    add(2)
    add(3)
    // Within a slot the last is first; what matters is that it is always so.
    expect(read()).toEqual([3, 2, 1, 0, 5, 4, 8, 7, 6])
    heldOut.close()
  })

  it('may be none', () => {
    const { heldOut, read } = setUp()
    expect([heldOut.count, read()]).toEqual([0, []])
    heldOut.close()
  })

  it('say what to do where there is no room for the file', () => {
    const { heldOut, add } = setUp()
    const before = process.env.TMPDIR
    process.env.TMPDIR = '/nowhere'
    try {
      for (let i = 0; i < 3; i++) add(5)
      expect(() => add(5)).toThrow(expect.objectContaining({ code: 'HELD_OUT_ROWS', kind: 'run' }))
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
    heldOut.close()
  })
})
