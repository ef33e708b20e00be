/**
 * MurmurHash3 (x86, 32 bit), the hash of the vocabulary tables and of the rows held out. Twin of workers/kernel/hash.ts.
 * Source: Austin Appleby, MurmurHash3, 2011 (public domain).
 */

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function scramble(word: number): number {
  return Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
}

function mixWord(hash: number, word: number): number {
  return (Math.imul(rotateLeft(hash ^ scramble(word), 13), 5) + 0xe6546b64) | 0
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** MurmurHash3 of the bytes: 0 … 2^32 − 1. The tables use seed 0. */
export function murmur3(bytes: Uint8Array, seed = 0): number {
  const whole = bytes.length & ~3
  const byte = (at: number): number => bytes[at] ?? 0
  let hash = seed | 0
  for (let at = 0; at < whole; at += 4) {
    hash = mixWord(hash, byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24))
  }
  // Bytes past the end count as 0, and a word of 0 changes nothing here.
  hash ^= scramble(byte(whole) | (byte(whole + 1) << 8) | (byte(whole + 2) << 16))
  return finish(hash ^ bytes.length)
}

/**
 * MurmurHash3, with a seed, of a position (0 … 2^53 − 1) as eight little-endian bytes: 0 … 2^32 − 1.
 * A row is held out where positionHash(seed, offset of its first byte) < threshold.
 */
export function positionHash(seed: number, position: number): number {
  const high = Math.floor(position / 0x100000000)
  return finish(mixWord(mixWord(seed | 0, position | 0), high | 0) ^ 8)
}
