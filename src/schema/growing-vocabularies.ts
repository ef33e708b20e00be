import { GrownValue, Table, TableSlot, Unseen, Vocabularies, Vocabulary } from '../../workers/layout.js'
import type { Region, SharedMemory } from '../engine/memory.js'
import type { RowLayout } from '../step/rows.js'
import { schemaEncoding } from './program.js'
import { featureColumns, type Schema } from './schema.js'

/** Values of all columns together have at most this many weights. */
const MOST_WEIGHTS = 1 << 20
/** Values that are counted but have been met too rarely yet, for each that may get an index … */
const COUNTED = 4
/** … and the most of them. */
const MOST_COUNTED = 1 << 20
/** Written behind a list by whoever looks its values up. */
const FETCHED = 4
const MOST_KEY_BYTES = 64 << 20

export interface GrowthOptions {
  /** A value gets an index when it has been met this often. */
  minCount: number
  /** Weights a value has: K. */
  outputs: number
  /** Parameter index of the first value. */
  firstIndex: number
  /** Category slots whose values are made of two fields. Default: 0. */
  interactions?: number
}

/** A parsed block (ParseSlot): its rows, and the list of the fields whose values were unknown when it was parsed. */
export interface UnsettledBlock {
  /** ptr to the first row. */
  readonly rows: number
  /** ptrs to the start and the end of the list. */
  readonly unseen: number
  readonly unseenEnd: number
  /** Forgets the list. */
  settled?(): void
}

/** The values that have got an index in the first pass, in the order of their indices. */
export interface GrownCategories {
  readonly values: readonly string[]
  /** For each the category slot of a row that it belongs to: 0 is the first. */
  readonly slots: readonly number[]
}

/** Values in the order of their indices: their bytes one after the other, the length of each, and its category slot. */
export interface PackedValues {
  readonly bytes: Uint8Array
  readonly lengths: Float32Array
  readonly slots: Float32Array
}

/**
 * Vocabularies that grow during the first pass: a value that the sample did not show gets an index of its own when it
 * has been met `minCount` times, in the order in which blocks are settled, rows of a block in their order. Held-out rows
 * count like all others. Values beyond a column's room, or longer than Unseen.LongestKey bytes, keep their bucket.
 *
 * Which worker met a value, and when, has no influence: see workers/kernel/grown.ts, where the rules are.
 *
 * ```
 *  Vocabulary   one for every category slot of a row     main thread writes, workers read
 *  Table        the values of all slots, half full       main thread adds, workers look up
 *  keys         their bytes                              main thread adds, workers compare
 *  GrownValue   the values in the order of their indices main thread
 * ```
 *
 * Regions are as large as the vocabularies may become; what is not used is never touched, and takes no memory.
 */
export class GrowingVocabularies {
  /** The most indices that may be given out. */
  readonly room: number
  readonly #address: number
  readonly #first: number
  readonly #values: Region
  #settled: { row: number; list: number } | undefined

  /** `rooms`: for every category slot of a row, how many values it may be given. */
  constructor(
    private readonly memory: SharedMemory,
    private readonly layout: RowLayout,
    private readonly rooms: readonly number[],
    private readonly options: GrowthOptions,
  ) {
    const { minCount, outputs, firstIndex } = options
    const wanted = rooms.reduce((sum, room) => sum + room, 0)
    this.room = Math.min(wanted, Math.floor(MOST_WEIGHTS / outputs))
    const counted =
      minCount === 1 ? this.room : Math.max(this.room, Math.min(this.room * COUNTED, MOST_COUNTED))
    const keyBytes = Math.min(counted * Unseen.LongestKey, MOST_KEY_BYTES)
    const places = tablePlaces(counted)
    const vocabularies = memory.allocate('vocabularies', Vocabularies.SIZE)
    const first = memory.allocate('vocabulary of each slot', rooms.length * Vocabulary.SIZE)
    const roomWords = memory.allocate('rooms of vocabularies', rooms.length * 4)
    const table = memory.allocate('grown value table', Table.Slots + places * TableSlot.SIZE)
    const keys = memory.allocate('grown value keys', keyBytes)
    this.#values = memory.allocate('grown values', this.room * GrownValue.SIZE)
    this.#address = vocabularies.start
    this.#first = first.start
    const { u32 } = memory.views
    u32[(table.start + Table.Mask) >>> 2] = places - 1
    this.#set(Vocabularies.First, first.start)
    this.#set(Vocabularies.Slots, rooms.length)
    this.#set(Vocabularies.Rooms, roomWords.start)
    this.#set(Vocabularies.Table, table.start)
    this.#set(Vocabularies.NextIndex, firstIndex)
    this.#set(Vocabularies.EndIndex, firstIndex + this.room)
    this.#set(Vocabularies.MinCount, minCount)
    this.#set(Vocabularies.Room, counted)
    this.#set(Vocabularies.NextKey, keys.start)
    this.#set(Vocabularies.EndKey, keys.start + keyBytes)
    this.#set(Vocabularies.NextValue, this.#values.start)
    rooms.forEach((room, slot) => {
      const word = (first.start + slot * Vocabulary.SIZE) >>> 2
      u32[word + Vocabulary.Open / 4] = room > 0 && this.room > 0 ? 1 : 0
      u32[(roomWords.start >>> 2) + slot] = room
    })
  }

  /** What ParseContext.Vocabularies is: ptr to all of them, 0 where nothing may be added. */
  get address(): number {
    return this.room > 0 ? this.#address : 0
  }

  /** What Column.Grown is for a category slot: ptr to its Vocabulary, 0 where nothing may be added. */
  addressOf(slot: number): number {
    return (this.rooms[slot] ?? 0) > 0 && this.room > 0 ? this.#first + slot * Vocabulary.SIZE : 0
  }

  /** Indices given out so far. */
  get size(): number {
    return this.memory.views.u32[(this.#address + Vocabularies.NextIndex) >>> 2]! - this.options.firstIndex
  }

  /**
   * Bytes that all unknown fields of a block take at most. Each has a delimiter or line break in the block, and its bytes;
   * those of an interaction are the bytes of two fields and what separates them.
   */
  unseenBytes(blockBytes: number, blockRows: number): number {
    if (this.room === 0) return 0
    const { interactions = 0 } = this.options
    const fields = blockRows * this.rooms.length
    return (1 + interactions) * blockBytes + fields * Unseen.Key + blockRows * interactions + FETCHED
  }

  /**
   * Writes the indices of values known by now into the rows of a block, and adds its new values. To be called for the blocks
   * in an order that the data decides, before their rows are used; a second call does nothing.
   */
  settle(block: UnsettledBlock): void {
    const { unseen, unseenEnd, rows } = block
    if (unseen === unseenEnd) return
    const { strideWords, denseWords } = this.layout
    this.memory.kernel.settleUnseen(this.#address, unseen, unseenEnd, rows, strideWords * 4, denseWords)
    block.settled?.()
  }

  /** The end of the first pass: what is unknown now stays so. */
  close(): void {
    this.memory.kernel.closeVocabularies(this.#address)
  }

  /** The values so far: with `restore`, all that a later run needs to know. */
  snapshot(): GrownCategories {
    const { u32 } = this.memory.views
    const bytes = Buffer.from(this.memory.memory.buffer)
    const slots: number[] = []
    const values: string[] = []
    const start = this.#values.start
    for (let at = start; at < start + this.size * GrownValue.SIZE; at += GrownValue.SIZE) {
      const key = u32[(at + GrownValue.Key) >>> 2]!
      slots.push(u32[(at + GrownValue.Slot) >>> 2]!)
      values.push(bytes.toString('utf8', key, key + u32[(at + GrownValue.KeyLength) >>> 2]!))
    }
    return { values, slots }
  }

  /** The values from the `first`-th on, in the order of their indices: slot and bytes, which are lent. */
  *added(first: number): Generator<{ readonly slot: number; readonly key: Uint8Array }> {
    const { u8, u32 } = this.memory.views
    const end = this.#values.start + this.size * GrownValue.SIZE
    for (let at = this.#values.start + first * GrownValue.SIZE; at < end; at += GrownValue.SIZE) {
      const key = u32[(at + GrownValue.Key) >>> 2]!
      const length = u32[(at + GrownValue.KeyLength) >>> 2]!
      yield { slot: u32[(at + GrownValue.Slot) >>> 2]!, key: u8.subarray(key, key + length) }
    }
  }

  /** The values so far, as bytes: a snapshot whose texts may be none, for a run that goes on in its first pass. */
  packed(): PackedValues {
    const { u8, u32 } = this.memory.views
    const count = this.size
    const slots = new Float32Array(count)
    const lengths = new Float32Array(count)
    const word = this.#values.start >>> 2
    for (let i = 0; i < count; i++) {
      const at = word + (i * GrownValue.SIZE) / 4
      slots[i] = u32[at + GrownValue.Slot / 4]!
      lengths[i] = u32[at + GrownValue.KeyLength / 4]!
    }
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
    let end = 0
    for (let i = 0; i < count; i++) {
      const key = u32[word + (i * GrownValue.SIZE + GrownValue.Key) / 4]!
      bytes.set(u8.subarray(key, key + lengths[i]!), end)
      end += lengths[i]!
    }
    return { bytes, lengths, slots }
  }

  /** Gives values the indices that they had, and stays open. Throws an Error where they do not fit, and may then be used no more. */
  unpack({ bytes, lengths, slots }: PackedValues): void {
    const before = this.size
    let end = 0
    const fits = lengths.length === slots.length && lengths.length <= this.room
    for (let i = 0; fits && i < lengths.length; i++) {
      const [length, slot] = [lengths[i]!, slots[i]!]
      const right = length >= 1 && length <= Unseen.LongestKey && Number.isInteger(length)
      if (!right || !((this.rooms[slot] ?? 0) > 0) || end + length > bytes.length) break
      this.#add(slot, bytes.subarray(end, end + length))
      end += length
    }
    if (end !== bytes.length || this.size - before !== lengths.length) {
      throw new Error('its categories are not those of this run')
    }
  }

  /**
   * Gives values the indices that they had in a snapshot, in place of a first pass; then closes. Throws an Error, and changes
   * nothing, where there is no room for them.
   */
  restore({ values, slots }: GrownCategories): void {
    this.#checkRoom(values, slots)
    const encoder = new TextEncoder()
    this.#set(Vocabularies.MinCount, 1)
    values.forEach((value, i) => this.#add(slots[i]!, encoder.encode(value)))
    this.close()
  }

  /** Settles one field of a row that nobody reads. */
  #add(slot: number, key: Uint8Array): void {
    const { row, list } = (this.#settled ??= {
      row: this.memory.allocate('a row', this.layout.strideWords * 4).start,
      list: this.memory.allocate('one unseen field', Unseen.Key + Unseen.LongestKey + FETCHED).start,
    })
    const { u8, u32 } = this.memory.views
    // The first of a list is aligned.
    u32[(list + Unseen.Word) >>> 2] = row + (this.layout.denseWords + slot) * 4
    u8[list + Unseen.Length] = key.length - 1
    u8.set(key, list + Unseen.Key)
    this.settle({ unseen: list, unseenEnd: list + Unseen.Key + key.length, rows: row })
  }

  /** A snapshot may come from a file: nothing in it is believed. */
  #checkRoom(values: readonly string[], slots: readonly number[]): void {
    const left = [...this.rooms]
    const fits = (value: string, i: number): boolean => {
      const bytes = Buffer.byteLength(value)
      return bytes > 0 && bytes <= Unseen.LongestKey && left[slots[i]!]!-- > 0
    }
    const different = new Set(values.map((value, i) => `${slots[i]} ${value}`)).size === values.length
    if (this.size > 0 || values.length > this.room || !different || !values.every(fits)) {
      throw new Error('its categories are not those of this run')
    }
  }

  #set(field: Vocabularies, value: number): void {
    this.memory.views.u32[(this.#address + field) >>> 2] = value
  }
}

/** The vocabularies of a schema that was fitted on a sample, ready to grow. `outputs` is K. */
export function growingVocabularies(
  memory: SharedMemory,
  schema: Schema,
  minCount: number,
  outputs: number,
): GrowingVocabularies {
  const { layout, categoryIndices } = schemaEncoding(schema)
  const rooms = featureColumns(schema).categories.map(({ room }) => room ?? 0)
  return new GrowingVocabularies(memory, layout, rooms, {
    minCount,
    outputs,
    firstIndex: categoryIndices,
    interactions: schema.interactions.length,
  })
}

/** A power of two, at most half full when all values are there. */
function tablePlaces(values: number): number {
  let places = 4
  while (places < values * 2) places *= 2
  return places
}
