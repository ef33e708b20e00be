import type { SharedMemory } from '../engine/memory.js'
import type { Block } from './block.js'

/** Numbers that are joined to a new digest. */
const WORDS = 6

/**
 * A number that tells the rows of a pass, in the order in which their blocks came to be used, from others: for a run that goes
 * on, which passes over rows and has to know that they are the ones that were learned from.
 *
 * digest ← checksum(digest, checksum of the encoded rows of the block, rows, held-out rows, bad rows)
 *
 * All rows of a block are looked at where `rowsOfBlock` is Infinity, else the first so many.
 */
export class RowDigest {
  /** A whole number below 2^53. */
  value = 0
  readonly #words: Float64Array
  readonly #address: number

  constructor(
    private readonly memory: SharedMemory,
    private readonly strideBytes: number,
    private readonly rowsOfBlock: number,
  ) {
    const region = memory.allocate('row digest', WORDS * 8)
    this.#address = region.start
    this.#words = memory.f64(region)
  }

  /** To be called when the rows are as they are learned from. */
  add({ slot, rows }: Pick<Block, 'slot' | 'rows'>): void {
    const { kernel } = this.memory
    const looked = Math.min(rows, this.rowsOfBlock)
    const checksum = kernel.checksum(slot.rows, looked * this.strideBytes)
    this.#words.set([this.value, checksum, rows, slot.validationCount, slot.badCount])
    this.value = kernel.checksum(this.#address, WORDS * 8)
  }
}
