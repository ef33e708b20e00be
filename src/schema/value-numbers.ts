import { Field, FieldFlag } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { decodeBytes, fieldText } from './head.js'
import type { ContextAddress } from './parse-context.js'

const FIRST_SLOTS = 1024

/**
 * Numbers values 0, 1, 2 … in the order in which they are met, by their bytes; texts are made of them only at the end, once
 * a value: most fields of a category repeat, and decoding each would cost several times as much.
 *
 * A hash table, open addressing, linear probing, over bytes that stay where they are. Values with doubled quotes, which are
 * rare, are told apart as texts. Made when all memory is allocated, because it keeps views of it.
 */
export class ValueNumbers {
  /** The number of a value + 1 at the first free slot from its hash on; 0 for an empty slot. */
  #slots = new Int32Array(FIRST_SLOTS)
  readonly #hashes: number[] = []
  /** Where the bytes of a value are; −1 for those that are told apart as texts. */
  readonly #from: number[] = []
  readonly #lengths: number[] = []
  readonly #texts = new Map<string, number>()
  readonly #u8: Uint8Array
  readonly #u32: Uint32Array

  constructor(
    private readonly memory: SharedMemory,
    private readonly context: ContextAddress,
  ) {
    this.#u8 = memory.views.u8
    this.#u32 = memory.views.u32
  }

  /** The number of the value in the Field at `at`, whose offset counts from `start`. */
  of(start: number, at: number): number {
    const length = this.#u32[(at + Field.Length) >>> 2]!
    if (length & FieldFlag.DoubledQuotes) return this.#ofText(fieldText(this.memory, this.context, start, at))
    const from = start + this.#u32[(at + Field.Start) >>> 2]!
    const hash = this.#hash(from, length)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let number = this.#slots[slot]!; number !== 0; number = this.#slots[slot]!) {
      if (this.#hashes[number - 1] === hash && this.#isSame(number - 1, from, length)) return number - 1
      slot = (slot + 1) & mask
    }
    const number = this.#add(hash, from, length)
    this.#slots[slot] = number + 1
    if (this.#hashes.length * 2 > mask) this.#grow()
    return number
  }

  /** The values so far, in the order of their numbers; some texts may be equal, where bytes are no UTF-8. */
  values(): string[] {
    const values = this.#from.map((from, i) =>
      from < 0 ? '' : decodeBytes(this.memory, from, this.#lengths[i]!),
    )
    for (const [text, number] of this.#texts) values[number] = text
    return values
  }

  #ofText(text: string): number {
    let number = this.#texts.get(text)
    if (number === undefined) this.#texts.set(text, (number = this.#add(0, -1, 0)))
    return number
  }

  #add(hash: number, from: number, length: number): number {
    this.#hashes.push(hash)
    this.#from.push(from)
    return this.#lengths.push(length) - 1
  }

  /** Source: G. Fowler, L. Noll, K. Vo, "FNV hash" (1a, 32 bit), 1991; the high bits are folded in, since the low ones choose the slot. */
  #hash(from: number, length: number): number {
    const u8 = this.#u8
    let hash = 0x811c9dc5
    for (let at = from; at < from + length; at++) hash = Math.imul(hash ^ u8[at]!, 0x01000193)
    return hash ^ (hash >>> 15)
  }

  #isSame(number: number, from: number, length: number): boolean {
    if (this.#lengths[number] !== length) return false
    const u8 = this.#u8
    const known = this.#from[number]!
    for (let i = 0; i < length; i++) if (u8[known + i] !== u8[from + i]) return false
    return true
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (const [number, hash] of this.#hashes.entries()) {
      if (this.#from[number]! < 0) continue
      let slot = hash & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = number + 1
    }
    this.#slots = slots
  }
}
