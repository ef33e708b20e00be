import type { Region, SharedMemory } from '../engine/memory.js'
import type { RowLayout } from '../step/rows.js'
import type { Block } from './block.js'

/** How many rows of the first pass have each category index: what people ask of a coefficient before they believe it. */
export class CategoryCounts {
  readonly #counts: Region

  /** `indices`: category indices that there may be, those that vocabularies have room for included. */
  constructor(
    private readonly memory: SharedMemory,
    private readonly layout: RowLayout,
    indices: number,
  ) {
    this.#counts = memory.allocate('category counts', indices * 4)
  }

  /** Of each category index; a view that goes on counting. */
  get all(): Uint32Array {
    const { start, bytes } = this.#counts
    return this.memory.views.u32.subarray(start >>> 2, (start + bytes) >>> 2)
  }

  /** To be called once for each block, when its rows have the indices that they are trained with. */
  add({ slot, rows }: Pick<Block, 'slot' | 'rows'>): void {
    const { strideWords, denseWords, categories } = this.layout
    this.memory.kernel.countCategories(
      slot.rows,
      strideWords * 4,
      rows,
      denseWords,
      categories,
      this.#counts.start,
    )
  }

  /** A copy, for a run that goes on. */
  packed(): Uint8Array {
    const { all } = this
    return new Uint8Array(all.buffer, all.byteOffset, all.byteLength).slice()
  }

  /** Throws an Error where they are not those of this run. */
  unpack(bytes: Uint8Array): void {
    const { all } = this
    if (bytes.length !== all.byteLength) throw new Error('its category counts are not those of this run')
    new Uint8Array(all.buffer, all.byteOffset, all.byteLength).set(bytes)
  }
}
