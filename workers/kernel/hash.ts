/**
 * MurmurHash3 (x86, 32 bit) and the table lookup built on it. Twin: src/numeric/murmur3.ts.
 * Source: Austin Appleby, MurmurHash3, 2011 (public domain).
 */
import { Table, TableIndex, TableSlot } from '../layout'

/** What lookup returns for a value that is not in the table. */
export const NOT_FOUND: u32 = 0xffffffff
/** What it returns for a missing-value token: more than any other index. */
export const MISSING: u32 = TableIndex.Missing

// @ts-ignore: decorator
@inline
function mixWord(hash: u32, word: u32): u32 {
  return rotl<u32>(hash ^ (rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593), 13) * 5 + 0xe6546b64
}

// @ts-ignore: decorator
@inline
function finish(hash: u32): u32 {
  hash = (hash ^ (hash >> 16)) * 0x85ebca6b
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35
  return hash ^ (hash >> 16)
}

/** MurmurHash3 of the bytes, seed 0. Reads nothing outside them. */
// @ts-ignore: decorator
@inline
export function hashBytes(start: usize, end: usize): u32 {
  const length = end - start
  let hash: u32 = 0
  let at = start
  for (; at + 4 <= end; at += 4) hash = mixWord(hash, load<u32>(at))
  const rest = u32(length & 3)
  if (rest) {
    let word: u32
    // The last four bytes, moved down by those already taken, where there are four.
    if (length >= 4) word = load<u32>(end - 4) >> ((4 - rest) << 3)
    else {
      word = load<u8>(at)
      if (rest > 1) word |= u32(load<u8>(at + 1)) << 8
      if (rest > 2) word |= u32(load<u8>(at + 2)) << 16
    }
    hash ^= rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593
  }
  return finish(hash ^ u32(length))
}

/** MurmurHash3, with a seed, of the eight little-endian bytes of a position in the input. */
export function hashPosition(seed: u32, position: u64): u32 {
  return finish(mixWord(mixWord(seed, u32(position)), u32(position >> 32)) ^ 8)
}

export function sameBytes(a: usize, b: usize, length: usize): bool {
  const end = a + length
  for (; a + 8 <= end; a += 8, b += 8) if (load<u64>(a) != load<u64>(b)) return false
  for (; a < end; ++a, ++b) if (load<u8>(a) != load<u8>(b)) return false
  return true
}

/** The index that a Table holds for the bytes, or NOT_FOUND. `hash` is hashBytes of them. */
// @ts-ignore: decorator
@inline
export function lookup(table: usize, start: usize, end: usize, hash: u32): u32 {
  const mask = load<u32>(table, Table.Mask)
  const length = u32(end - start)
  // Where values are hashed the table holds short tokens only, and no value needs to be compared with them.
  if (length > load<u32>(table, Table.Longest)) return NOT_FOUND
  let place = hash & mask
  while (true) {
    const slot = table + Table.Slots + usize(place) * TableSlot.SIZE
    const key = load<u32>(slot, TableSlot.Key)
    if (!key) return NOT_FOUND
    if (load<u32>(slot, TableSlot.Hash) == hash && load<u32>(slot, TableSlot.KeyLength) == length) {
      if (sameBytes(start, key, length)) return load<u32>(slot, TableSlot.Index)
    }
    place = (place + 1) & mask
  }
}
