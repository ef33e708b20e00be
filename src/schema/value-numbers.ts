import { Field } from '../../workers/layout.js'
import type { SharedMemory } from '../engine/memory.js'
import { decodeBytes, fieldText } from './head.js'
import type { ContextAddress } from './parse-context.js'

/** Values of up to this many bytes fit, with their length, into the whole numbers that a Map key holds exactly. */
const SHORT = 6

/**
 * Numbers values 0, 1, 2 … in the order in which they are met, by their bytes; texts are made of them only at the end, once
 * a value: most fields of a category are short and repeat, and decoding each would cost ten times as much.
 *
 * Made when all memory is allocated, because it keeps views of it.
 */
export class ValueNumbers {
  readonly #short = new Map<number, number>()
  readonly #long = new Map<string, number>()
  /** Long values as texts, short ones by where their bytes are. */
  readonly #values: (string | { from: number; length: number })[] = []
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
    if (length > SHORT) {
      const value = fieldText(this.memory, this.context, start, at)
      return this.#long.get(value) ?? this.#add(this.#long, value, value)
    }
    const from = start + this.#u32[(at + Field.Start) >>> 2]!
    let key = length
    for (let i = 0; i < length; i++) key = key * 256 + this.#u8[from + i]!
    return this.#short.get(key) ?? this.#add(this.#short, key, { from, length })
  }

  #add<Key>(numbers: Map<Key, number>, key: Key, value: string | { from: number; length: number }): number {
    const number = this.#values.push(value) - 1
    numbers.set(key, number)
    return number
  }

  /** The values so far, in the order of their numbers; some texts may be equal, where bytes are no UTF-8. */
  values(): string[] {
    return this.#values.map((value) =>
      typeof value === 'string' ? value : decodeBytes(this.memory, value.from, value.length),
    )
  }
}
