/**
 * The rows of the category weights that a graph needs: where many are the same it needs one of them. Indices of the model
 * become those of the table.
 */
export class CategoryTable {
  readonly #rows: number[] = []
  readonly #places = new Map<number, number>()

  of(index: number): number {
    let place = this.#places.get(index)
    if (place === undefined) this.#places.set(index, (place = this.#rows.push(index) - 1))
    return place
  }

  /** The place of the first of `count` rows, which stay beside each other. */
  run(first: number, count: number): number {
    const from = this.#places.get(first)
    if (from !== undefined) return from
    for (let index = first; index < first + count; index++) this.of(index)
    return this.#places.get(first)!
  }

  get size(): number {
    return this.#rows.length
  }

  /** The weights of the rows, `width` numbers each. */
  weights(all: Float32Array, width: number): Float32Array {
    const weights = new Float32Array(this.#rows.length * width)
    this.#rows.forEach((row, i) => weights.set(all.subarray(row * width, (row + 1) * width), i * width))
    return weights
  }
}
