/**
 * XXH64 with seed 0, the checksum of zstd frames, of bytes that come in pieces.
 * Source: Yann Collet, xxHash, specification 0.2.0, 2023.
 */

const PRIME_1 = 0x9e3779b185ebca87n
const PRIME_2 = 0xc2b2ae3d27d4eb4fn
const PRIME_3 = 0x165667b19e3779f9n
const PRIME_4 = 0x85ebca77c2b2ae63n
const PRIME_5 = 0x27d4eb2f165667c5n

const STRIPE_BYTES = 32
const STRIPES = 512

// BigInt.asUintN(64, …) around each operation is what lets V8 compute in machine words: no BigInt is made.
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

function rotateLeft(word: bigint, bits: bigint): bigint {
  return u64(u64(word << bits) | (word >> (64n - bits)))
}

function round(lane: bigint, word: bigint): bigint {
  const sum = BigInt.asUintN(64, lane + BigInt.asUintN(64, word * PRIME_2))
  const rotated = BigInt.asUintN(64, BigInt.asUintN(64, sum << 31n) | (sum >> 33n))
  return BigInt.asUintN(64, rotated * PRIME_1)
}

export class Xxh64 {
  readonly #bytes = new Uint8Array(STRIPES * STRIPE_BYTES)
  /** The same memory; little-endian, as every machine that Node runs on. */
  readonly #words = new BigUint64Array(this.#bytes.buffer)
  #lanes: readonly [bigint, bigint, bigint, bigint] = [u64(PRIME_1 + PRIME_2), PRIME_2, 0n, u64(-PRIME_1)]
  #filled = 0
  #length = 0

  update(bytes: Uint8Array): void {
    this.#length += bytes.length
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + this.#bytes.length - this.#filled)
      this.#bytes.set(piece, this.#filled)
      this.#filled += piece.length
      at += piece.length
      if (this.#filled === this.#bytes.length) this.#consume(STRIPES)
    }
  }

  /** 0 … 2^64 − 1; nothing may be added after. */
  digest(): bigint {
    const isLong = this.#length >= STRIPE_BYTES
    this.#consume(Math.floor(this.#filled / STRIPE_BYTES))
    let hash = u64((isLong ? this.#merged() : PRIME_5) + BigInt(this.#length))
    const rest = new DataView(this.#bytes.buffer, 0, this.#filled)
    let at = 0
    for (; at + 8 <= rest.byteLength; at += 8) {
      hash ^= round(0n, rest.getBigUint64(at, true))
      hash = u64(u64(rotateLeft(hash, 27n) * PRIME_1) + PRIME_4)
    }
    for (; at + 4 <= rest.byteLength; at += 4) {
      hash ^= u64(BigInt(rest.getUint32(at, true)) * PRIME_1)
      hash = u64(u64(rotateLeft(hash, 23n) * PRIME_2) + PRIME_3)
    }
    for (; at < rest.byteLength; at++) {
      hash ^= u64(BigInt(rest.getUint8(at)) * PRIME_5)
      hash = u64(rotateLeft(hash, 11n) * PRIME_1)
    }
    hash = u64((hash ^ (hash >> 33n)) * PRIME_2)
    hash = u64((hash ^ (hash >> 29n)) * PRIME_3)
    return hash ^ (hash >> 32n)
  }

  /** Takes stripes off the front; what is left, less than one, goes to the front. */
  #consume(stripes: number): void {
    let [a, b, c, d] = this.#lanes
    const words = this.#words
    for (let at = 0; at < stripes * 4; at += 4) {
      a = round(a, words[at]!)
      b = round(b, words[at + 1]!)
      c = round(c, words[at + 2]!)
      d = round(d, words[at + 3]!)
    }
    this.#lanes = [a, b, c, d]
    this.#bytes.copyWithin(0, stripes * STRIPE_BYTES, this.#filled)
    this.#filled -= stripes * STRIPE_BYTES
  }

  #merged(): bigint {
    const [a, b, c, d] = this.#lanes
    const sum = u64(rotateLeft(a, 1n) + rotateLeft(b, 7n) + rotateLeft(c, 12n) + rotateLeft(d, 18n))
    return this.#lanes.reduce((hash, lane) => u64(u64((hash ^ round(0n, lane)) * PRIME_1) + PRIME_4), sum)
  }
}
