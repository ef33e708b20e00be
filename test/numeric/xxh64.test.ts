import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Xxh64 } from '../../src/numeric/xxh64.js'

function sumOf(...pieces: Uint8Array[]): string {
  const sum = new Xxh64()
  for (const piece of pieces) sum.update(piece)
  return sum.digest().toString(16).padStart(16, '0')
}

/** Bytes of the sanity check of the specification: the top byte of a generator that is multiplied by PRIME64. */
function sanityBytes(length: number): Uint8Array {
  let generator = 2654435761n
  return Uint8Array.from({ length }, () => {
    const byte = Number(generator >> 56n)
    generator = BigInt.asUintN(64, generator * 11400714785074694797n)
    return byte
  })
}

describe('xxh64', () => {
  // Oracle: xxHash's own sanity check table (tests/sanity_test_vectors.h), seed 0.
  it.each([
    [0, 'ef46db3751d8e999'],
    [1, 'e934a84adb052768'],
    [4, '9136a0dca57457ee'],
    [14, '8282dcc4994e35c8'],
    [222, 'b641ae8cb691c174'],
  ])('of %i bytes is %s', (length, expected) => {
    expect(sumOf(sanityBytes(length))).toBe(expected)
  })

  it('does not depend on the pieces', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 12 })
    fc.assert(fc.property(pieces, (list) => sumOf(...list) === sumOf(Uint8Array.from(Buffer.concat(list)))))
    const large = sanityBytes(40_000)
    expect(sumOf(large.subarray(0, 16_385), large.subarray(16_385))).toBe(sumOf(large))
  })
})
