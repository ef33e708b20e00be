/** The oracle is the list of parts itself, and lanes written out by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealParts, inPlace, streamLaneBytes } from '../../src/flow/stream-lanes.js'
import type { StreamPart } from '../../src/source/byte-stream.js'

const open = (): never => {
  throw new Error('nothing is read here')
}
const part = (name: string, bytes?: number): StreamPart => ({ name, bytes, open })
const namesOf = (lanes: ReturnType<typeof dealParts>) =>
  lanes.map((lane) => lane.map((placed) => placed.part.name))

describe('parts of a stream', () => {
  it.each([
    [
      'of equal size',
      [1, 1, 1, 1],
      2,
      [
        ['0', '1'],
        ['2', '3'],
      ],
    ],
    [
      'by their bytes',
      [90, 10, 10, 90],
      2,
      [
        ['0', '1'],
        ['2', '3'],
      ],
    ],
    ['of which one is larger than a lane', [10, 10, 900, 10], 3, [['0', '1'], ['2'], ['3']]],
    [
      'where a size is not known: by their number',
      [900, undefined, 1, 1],
      2,
      [
        ['0', '1'],
        ['2', '3'],
      ],
    ],
    ['fewer than lanes', [5, 5], 9, [['0'], ['1']]],
    ['of no bytes', [0, 0], 2, [['0'], ['1']]],
  ])('are dealt to lanes: %s', (_name, sizes, lanes, expected) => {
    const parts = sizes.map((bytes, i) => part(String(i), bytes))
    expect(namesOf(dealParts(parts, lanes))).toEqual(expected)
  })

  it('are each in one lane, in order, in few enough lanes; and none has the positions of another', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1e9), { minLength: 1, maxLength: 200 }),
        fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
        (sizes, lanes) => {
          const parts = sizes.map((bytes, i) => part(String(i), bytes))
          const dealt = dealParts(parts, lanes)
          expect(namesOf(dealt).flat()).toEqual(parts.map(({ name }) => name))
          expect(dealt.length).toBeLessThanOrEqual(Math.min(lanes ?? 32, 32))
          expect(dealt.every((lane) => lane.length > 0)).toBe(true)
          const positions = inPlace(parts).map(({ position }) => position)
          expect(dealt.flat().map(({ position }) => position)).toEqual(positions)
          positions.forEach((position, i) =>
            expect(position + sizes[i]!).toBeLessThan(positions[i + 1] ?? Infinity),
          )
          const total = sizes.reduce((sum, bytes) => sum + Math.max(1, bytes), 0)
          expect(streamLaneBytes(dealt).reduce((sum, bytes) => sum + bytes, 0)).toBe(total)
        },
      ),
    )
  })
})
