/** What the index of a row cache holds of a block; all are f64, so that the index is one array. */
export enum Entry {
  /** Rows to train on. */
  Rows = 0,
  Validation = 1,
  Skipped = 2,
  /** Of the input. */
  Bytes = 3,
  /** The lane it was read in. */
  Lane = 4,
  /** Its number within the lane. */
  Nth = 5,
  /** ptr to its rows in the shared memory, 0 where they are not there. */
  Address = 6,
  /** Where its rows lie in the file, −1 where they do not. */
  Offset = 7,
  /** Of its rows in the file. */
  Checksum = 8,
  SIZE = 9,
}

/** Blocks whose entries lie in one array: as blocks are added the index grows by arrays, and nothing is copied. */
const CHUNK = 1024

/** The blocks of a row cache, numbered as they were added: 72 bytes a block. */
export class BlockIndex {
  readonly #chunks: Float64Array[] = []
  #count = 0

  /** `entries`: those of an earlier run, one after the other. */
  constructor(entries = new Float64Array(0)) {
    for (let at = 0; at < entries.length; at += Entry.SIZE) this.add(entries.subarray(at, at + Entry.SIZE))
  }

  get count(): number {
    return this.#count
  }

  add(entry: ArrayLike<number>): void {
    const place = this.#count % CHUNK
    if (place === 0) this.#chunks.push(new Float64Array(CHUNK * Entry.SIZE))
    this.#chunks.at(-1)!.set(entry, place * Entry.SIZE)
    this.#count++
  }

  get(block: number, entry: Entry): number {
    return this.#chunks[Math.floor(block / CHUNK)]![(block % CHUNK) * Entry.SIZE + entry]!
  }

  /** All entries, one after the other. */
  get entries(): Float64Array {
    const entries = new Float64Array(this.#count * Entry.SIZE)
    this.#chunks.forEach((chunk, i) => {
      const start = i * chunk.length
      entries.set(chunk.subarray(0, entries.length - start), start)
    })
    return entries
  }

  /** Numbers of the blocks lane by lane, each lane in its own order: in which order they were added has no influence. */
  inInputOrder(): number[] {
    const lengths: number[] = []
    for (let block = 0; block < this.#count; block++) {
      const lane = this.get(block, Entry.Lane)
      lengths[lane] = (lengths[lane] ?? 0) + 1
    }
    const starts: number[] = []
    let start = 0
    for (let lane = 0; lane < lengths.length; lane++) {
      starts.push(start)
      start += lengths[lane] ?? 0
    }
    const order = new Array<number>(this.#count)
    for (let block = 0; block < this.#count; block++) {
      order[starts[this.get(block, Entry.Lane)]! + this.get(block, Entry.Nth)] = block
    }
    return order
  }
}
