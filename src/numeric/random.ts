/** What a random number is for: streams of different purposes never share numbers. */
export enum Purpose {
  Validation = 1,
  LanePhase = 2,
  LaneOrder = 3,
  BufferDraw = 4,
  CachedBlocks = 5,
  Weights = 6,
  Dropout = 7,
  Categories = 8,
}

/** 32 mixed bits; every bit of x changes each of them with probability ½. Source: A. Appleby, MurmurHash3 finalizer, 2011. */
export function mixBits(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * Random bits by counter: the same (seed, purpose, epoch, index) gives the same 32 bits on every machine, in any order,
 * with no state to keep.
 */
export function randomBits(seed: number, purpose: Purpose, epoch: number, index: number): number {
  const high = Math.floor(index / 2 ** 32)
  return mixBits(mixBits(mixBits(mixBits(mixBits(seed) + purpose) + epoch) + high) + (index | 0))
}

/** A number in [0, 1), a multiple of 2^−32. */
export function randomFraction(seed: number, purpose: Purpose, epoch: number, index: number): number {
  return randomBits(seed, purpose, epoch, index) / 2 ** 32
}

/** Puts the items in a random order, in place. Source: R. Durstenfeld, "Algorithm 235: random permutation", 1964. */
export function shuffle<Item>(items: Item[], seed: number, purpose: Purpose, epoch: number): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(randomFraction(seed, purpose, epoch, i) * (i + 1))
    const item = items[i]!
    items[i] = items[j]!
    items[j] = item
  }
  return items
}
