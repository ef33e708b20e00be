/**
 * A fixed number of things that are lent and given back (slots, buffers). Taking one is the credit to go on: whoever
 * finds none waits, first come, first served. This is what keeps memory flat.
 */
export class Credits<Item> {
  readonly #free: Item[]
  readonly #waiting: ((item: Item) => void)[] = []

  constructor(items: readonly Item[]) {
    this.#free = [...items]
  }

  take(): Promise<Item> {
    const item = this.#free.pop()
    if (item !== undefined) return Promise.resolve(item)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  give(item: Item): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(item)
    else next(item)
  }
}
