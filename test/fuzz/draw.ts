/** Random choices by seed: the same seed, the same case on every machine. Source: B. Jenkins, small fast PRNG, 2009. */
export class Draw {
  #state: [number, number, number, number]

  constructor(seed: number) {
    this.#state = [0xf1ea5eed, seed >>> 0, seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]
    for (let i = 0; i < 20; i++) this.bits()
  }

  bits(): number {
    const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by))
    const [a, b, c, d] = this.#state
    const e = (a - rotated(b, 27)) | 0
    this.#state = [b ^ rotated(c, 17), (c + d) | 0, (d + e) | 0, (e + a) | 0]
    return (e + a) >>> 0
  }

  /** 0 … below − 1 */
  below(below: number): number {
    return Math.floor((this.bits() / 2 ** 32) * below)
  }

  chance(probability: number): boolean {
    return this.bits() / 2 ** 32 < probability
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }

  /** Small numbers more often than large ones, 0 … most. */
  small(most: number): number {
    return this.below(1 + this.below(1 + this.below(most + 1)))
  }

  text(characters: string, most: number): string {
    return Array.from(
      { length: this.below(most + 1) },
      () => characters[this.below(characters.length)]!,
    ).join('')
  }
}
