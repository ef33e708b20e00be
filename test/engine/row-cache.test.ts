/** Rows that are taken by the cache and read back; the oracle is what was written into the slot, row by row. */
import { openSync, readSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseResult, Slot } from '../../workers/layout.js'
import { Entry } from '../../src/engine/block-index.js'
import { SharedMemory } from '../../src/engine/memory.js'
import { openNameless } from '../../src/engine/nameless-file.js'
import { compileKernel } from '../../src/engine/pool.js'
import { CachedRows, RowCache, type CacheFile } from '../../src/engine/row-cache.js'
import { ParseSlot } from '../../src/engine/slots.js'

const STRIDE = 48
const CAPACITY = 40

interface Rows {
  readonly train: number
  readonly heldOut: number
}

function fileOf(keep: boolean): CacheFile {
  return {
    descriptor: openNameless('test'),
    start: keep ? 64 : 0,
    keep,
    where: 'a file',
    hint: 'none',
    close: () => undefined,
  }
}

function setUp(memoryBytes: number, file: CacheFile) {
  const memory = new SharedMemory(compileKernel())
  const slot = new ParseSlot(memory, CAPACITY, STRIDE)
  const cache = new RowCache(memory, STRIDE, memoryBytes, file)
  slot.ask({ context: 0, file: undefined, raw: 0, offset: 0, length: 0, ends: 0, position: 0 })
  let next = 0
  const number = (address: number): void => {
    memory.views.u8.fill(next++ % 251, address, address + STRIDE)
  }
  /** Writes rows as the parser leaves them, gives them to the cache, and waits until the slot may be used again. */
  const add = async ({ train, heldOut }: Rows, nth: number): Promise<void> => {
    for (let i = 0; i < train; i++) number(slot.rows + i * STRIDE)
    for (let i = 0; i < heldOut; i++) number(slot.validationRow(i))
    const result = (slot.address + Slot.Result) >>> 2
    memory.views.u32[result + ParseResult.ValidationRows / 4] = heldOut
    memory.views.u32[result + ParseResult.BadRows / 4] = nth
    cache.add({ slot, rows: train, lane: 3, nth, inputBytes: 1000 + nth })
    await new Promise<void>((resolve) => cache.whenWritten(slot.rows, resolve))
  }
  /** First bytes of the rows of a block: those to train on, then held-out ones in the order of the parser. */
  const read = (block: number): number[] => {
    let rows = cache.address(block)
    const { offset, bytes, checksum, file: descriptor } = cache.request(block)
    if (offset >= 0) {
      if (rows === 0 || file.keep) {
        rows = slot.rows
        readSync(descriptor, memory.views.u8, rows, bytes, offset)
      }
      expect(memory.kernel.checksum(rows, bytes)).toBe(checksum)
    }
    const cached = new CachedRows(cache, block, 0, rows, 0)
    const held = file.keep ? cached.validationCount : 0
    const addresses = [
      ...Array.from({ length: cached.rowCount }, (_, i) => rows + i * STRIDE),
      ...Array.from({ length: held }, (_, i) => cached.validationRow(i)),
    ]
    for (const at of addresses) {
      expect(new Set(memory.views.u8.subarray(at, at + STRIDE)).size).toBe(1)
    }
    return addresses.map((at) => memory.views.u8[at]!)
  }
  return { cache, add, read, memory }
}

const blocks = fc.array(
  fc.record({ train: fc.integer({ min: 0, max: 30 }), heldOut: fc.integer({ min: 0, max: 10 }) }),
  {
    maxLength: 20,
  },
)

describe('a row cache', () => {
  it.each([
    ['in memory', 1 << 20, false],
    ['in a file', 0, false],
    ['in memory as far as it goes', 100 * STRIDE, false],
    ['kept, held-out rows included', 100 * STRIDE, true],
  ])('gives back what it took: %s', async (_name, memoryBytes, keep) => {
    await fc.assert(
      fc.asyncProperty(blocks, async (given) => {
        const { cache, add, read } = setUp(memoryBytes, fileOf(keep))
        let first = 0
        const expected: number[][] = []
        for (const [i, block] of given.entries()) {
          await add(block, i)
          const count = block.train + (keep ? block.heldOut : 0)
          expected.push(Array.from({ length: count }, (_, row) => (first + row) % 251))
          first += block.train + block.heldOut
        }
        await cache.written()
        expect(given.map((_block, i) => read(i))).toEqual(expected)
        expect(cache.index.count).toBe(given.length)
        for (const [i, { train, heldOut }] of given.entries()) {
          const fields = [Entry.Rows, Entry.Validation, Entry.Skipped, Entry.Bytes, Entry.Lane, Entry.Nth]
          expect(fields.map((field) => cache.index.get(i, field))).toEqual([
            train,
            heldOut,
            i,
            1000 + i,
            3,
            i,
          ])
        }
        await cache.close()
      }),
      { numRuns: process.env['MILLRACE_THOROUGH'] === '1' ? 200 : 10 },
    )
  })

  it('says what to do where the file cannot be written', async () => {
    // A descriptor that is open for reading only.
    const file = { ...fileOf(false), descriptor: openSync('/dev/null', 'r'), hint: 'the hint' }
    const { cache, add } = setUp(0, file)
    await add({ train: 5, heldOut: 0 }, 0)
    const failure = { code: 'CACHE_NOT_WRITTEN', kind: 'run', hint: 'the hint' }
    await expect(cache.written()).rejects.toMatchObject(failure)
    await expect(add({ train: 5, heldOut: 0 }, 1)).rejects.toMatchObject(failure)
  })
})

describe('the checksum', () => {
  it('changes with every bit, and with the length', () => {
    const memory = new SharedMemory(compileKernel())
    const { start } = memory.allocate('bytes', 160)
    const { u8 } = memory.views
    for (let i = 0; i < 160; i++) u8[start + i] = (i * 37) % 256
    const sums = new Set([0, 16, 32, 48, 160].map((bytes) => memory.kernel.checksum(start, bytes)))
    expect(sums.size).toBe(5)
    for (const bytes of [16, 48, 160]) {
      const whole = memory.kernel.checksum(start, bytes)
      for (let bit = 0; bit < bytes * 8; bit++) {
        u8[start + (bit >>> 3)]! ^= 1 << (bit & 7)
        expect(memory.kernel.checksum(start, bytes)).not.toBe(whole)
        u8[start + (bit >>> 3)]! ^= 1 << (bit & 7)
      }
      expect(memory.kernel.checksum(start, bytes)).toBe(whole)
      expect(Number.isInteger(whole) && whole < 2 ** 53).toBe(true)
    }
  })
})

describe('rowsWithin', () => {
  const memory = new SharedMemory(compileKernel())
  const { start } = memory.allocate('rows', 3 * STRIDE)
  /** Rows of 4 dense words, 3 categories from word 4, the label in word 7. */
  const within = (classes: number): number =>
    memory.kernel.rowsWithin(start, STRIDE, 3, 4, 3, 100, 7, classes)

  it.each<[string, number, number, number]>([
    ['indices below the limit, labels below the number of classes', 99, 2, 1],
    ['an index at the limit', 100, 2, 0],
    ['a huge index', 2 ** 32 - 1, 2, 0],
    ['a label at the number of classes', 99, 3, 0],
    ['a label between classes', 99, 0.5, 0],
    ['a label below 0', 99, -1, 0],
    ['a label that is not a number', 99, NaN, 0],
  ])('%s', (_name, index, label, expected) => {
    const { u32, f32 } = memory.views
    const lastRow = (start + 2 * STRIDE) >>> 2
    u32[lastRow + 6] = index
    f32[lastRow + 7] = label
    expect(within(3)).toBe(expected)
    if (index < 100) expect(within(0)).toBe(1)
  })
})
