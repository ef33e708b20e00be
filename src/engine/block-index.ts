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

/** The blocks of a row cache, numbered as they were added: 72 bytes a block, in an array that grows. */
export class BlockIndex {
  #numbers: Float64Array

  constructor(entries = new Float64Array(0)) {
    this.#numbers = entries
    this.count = entries.length / Entry.SIZE
  }

  count: number

  add(entry: readonly number[]): void {
    const at = this.count * Entry.SIZE
    if (at === this.#numbers.length) {
      const larger = new Float64Array(Math.max(64 * Entry.SIZE, at * 2))
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers.set(entry, at)
    this.count++
  }

  get(block: number, entry: Entry): number {
    return this.#numbers[block * Entry.SIZE + entry]!
  }

  /** All entries, one after the other: a view. */
  get entries(): Float64Array {
    return this.#numbers.subarray(0, this.count * Entry.SIZE)
  }

  /** Numbers of the blocks lane by lane, each lane in its own order: in which order they were added has no influence. */
  inInputOrder(): number[] {
    const blocks = Array.from({ length: this.count }, (_, block) => block)
    const by = (entry: Entry) => (a: number, b: number) => this.get(a, entry) - this.get(b, entry)
    const [byLane, byNth] = [by(Entry.Lane), by(Entry.Nth)]
    return blocks.sort((a, b) => byLane(a, b) || byNth(a, b))
  }
}
