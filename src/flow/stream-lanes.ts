import type { StreamPart } from '../source/byte-stream.js'

/** Each lane has a part open, with what its decompressor holds, and blocks that are read ahead. */
const MOST_LANES = 32

/** Positions of parts whose sizes are not known: so far apart that no part reaches the next. */
const PART_POSITIONS = 2 ** 38

/** A part and where its first byte lies in the whole input. */
export interface PlacedPart {
  readonly part: StreamPart
  readonly position: number
}

/** Parts that are read one after the other. */
export type StreamLane = readonly PlacedPart[]

/** Gives each part a position of its own, whatever its size. */
export function inPlace(parts: readonly StreamPart[]): StreamLane {
  return parts.map((part, i) => ({ part, position: i * PART_POSITIONS }))
}

/** Deals parts to at most `lanes` lanes: neighbours to one lane, so that lanes are about equal in bytes, where these are known. */
export function dealParts(parts: readonly StreamPart[], lanes = MOST_LANES): StreamLane[] {
  const sizes = partSizes(parts)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const most = Math.min(lanes, MOST_LANES, parts.length)
  const dealt: PlacedPart[][] = Array.from({ length: most }, () => [])
  let before = 0
  inPlace(parts).forEach((placed, i) => {
    // The middle of a part says which lane it belongs to.
    const lane = Math.floor(((before + sizes[i]! / 2) * most) / total)
    dealt[lane]!.push(placed)
    before += sizes[i]!
  })
  return dealt.filter((lane) => lane.length > 0)
}

/** Bytes of lanes as far as they are known; they say only how far lanes are beside each other. */
export function streamLaneBytes(lanes: readonly StreamLane[]): number[] {
  const sizes = partSizes(lanes.flat().map(({ part }) => part))
  let i = 0
  return lanes.map((lane) => lane.reduce((sum) => sum + sizes[i++]!, 0))
}

/** Sizes of parts, at least 1; the same for all where not every one is known. */
function partSizes(parts: readonly StreamPart[]): number[] {
  const known = parts.every(({ bytes }) => bytes !== undefined)
  return parts.map(({ bytes }) => (known ? Math.max(1, bytes!) : 1))
}
