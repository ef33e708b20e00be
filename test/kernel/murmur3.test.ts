import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { murmur3, positionHash } from '../../src/numeric/murmur3.js'
import { ColumnOp, Ends } from '../../workers/layout.js'
import { openKernel } from './harness.js'
import { allocateRegions, readResult, writeContext } from './parse-setup.js'

const utf8 = new TextEncoder()

describe('murmur3', () => {
  // Oracle: the test vectors of the article MurmurHash on Wikipedia, computed there with Appleby's own program.
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('of %j with seed %i', (text, seed, expected) => {
    expect(murmur3(utf8.encode(text), seed)).toBe(expected)
  })

  it('of a position is that of its eight little-endian bytes', () => {
    const check = (seed: number, position: number): void => {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigUint64(0, BigInt(position), true)
      expect(positionHash(seed, position)).toBe(murmur3(bytes, seed))
    }
    check(0, 2 ** 53 - 1)
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat(), check))
  })

  it('is the hash that the kernel picks buckets by', () => {
    // With 2^31 buckets from 0 on, the index of a value that is in no table is its hash without the top bit.
    const open = openKernel(4)
    const column = { op: ColumnOp.Category, word: 0, values: ['known'], buckets: 2 ** 31 }
    const context = writeContext(open, { columns: [column], strideWords: 4 })
    const { bytes, rows, result, scratch } = allocateRegions(open, 256, 64)
    const check = (value: Uint8Array): void => {
      open.bytes.set(value, bytes)
      open.bytes[bytes + value.length] = 10
      open.kernel.parseBlock(context, bytes, value.length + 1, Ends.Data, 0, rows, 1, result, scratch)
      expect(readResult(open.view, result).rows).toBe(1)
      expect(open.view.getUint32(rows, true)).toBe(murmur3(value) & 0x7fffffff)
    }
    // U+002D … U+10FFFF: no quote is put first, and no delimiter, line break or blank is among them.
    const code = fc.oneof(fc.integer({ min: 0x2d, max: 0x7f }), fc.integer({ min: 0x80, max: 0x10ffff }))
    const unit = code
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point))
    for (const maxLength of [9, 40]) {
      const value = fc.string({ unit, minLength: 1, maxLength }).map((text) => new TextEncoder().encode(text))
      fc.assert(fc.property(value, check))
    }
  })
})
