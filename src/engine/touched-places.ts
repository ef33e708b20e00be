import { Places, PlaceSlot } from '../../workers/layout.js'
import type { Region, SharedMemory } from './memory.js'

const FIRST_BITS = 10
/** The table is at most this full: probes stay short, and an empty slot always ends them. */
const FULLEST = 0.75

/**
 * The places that the category indices of a step have in its packed gradient: a table of kernel/sparse.ts, as small as the
 * steps so far allow, so that it stays in the cache. It has addresses for a step that touches `most` indices.
 */
export class TouchedPlaces {
  readonly #region: Region
  readonly #words: Uint32Array
  #bits: number
  /** Marks up to this are of earlier steps. */
  base = 0

  constructor(
    memory: SharedMemory,
    private readonly most: number,
  ) {
    const bits = bitsFor(most)
    this.#region = memory.allocate('touched places', Places.Slots + 2 ** bits * PlaceSlot.SIZE)
    this.#words = memory.u32(this.#region)
    this.#bits = Math.min(FIRST_BITS, bits)
    this.#setSize()
  }

  /** Of the table. */
  get address(): number {
    return this.#region.start
  }

  /** Makes room for up to `more` new indices, where the first `count` of `indices` have been met in this step. */
  reserve(indices: Uint32Array, count: number, more: number): void {
    const bits = bitsFor(Math.min(this.most, count + more))
    if (bits <= this.#bits) return
    this.#bits = bits
    this.#setSize()
    this.#clear()
    for (let place = 0; place < count; place++) this.#insert(indices[place]!, this.base + 1 + place)
  }

  /** The next step begins; `count` indices were met in this one. */
  nextStep(count: number): void {
    this.base += count
    // Marks are counted in 32 bits.
    if (this.base >= 2 ** 31) this.#clear()
  }

  #setSize(): void {
    this.#words[Places.Shift / 4] = 32 - this.#bits
    this.#words[Places.End / 4] = Places.Slots + 2 ** this.#bits * PlaceSlot.SIZE
  }

  #clear(): void {
    this.base = 0
    this.#words.fill(0, Places.Slots / 4)
  }

  /** Twin of slotOf in kernel/sparse.ts. */
  #insert(index: number, mark: number): void {
    const words = this.#words
    const mask = 2 ** this.#bits - 1
    const wordOf = (slot: number): number => (Places.Slots + slot * PlaceSlot.SIZE) / 4
    let slot = Math.imul(index, 0x9e3779b1) >>> (32 - this.#bits)
    while (words[wordOf(slot) + PlaceSlot.Mark / 4]! > this.base) slot = (slot + 1) & mask
    words[wordOf(slot) + PlaceSlot.Index / 4] = index
    words[wordOf(slot) + PlaceSlot.Mark / 4] = mark
  }
}

function bitsFor(places: number): number {
  return Math.max(1, Math.ceil(Math.log2((places + 1) / FULLEST)))
}
