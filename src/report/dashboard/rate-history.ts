/** How far a run had come at some times: rows and bytes since it began, from the sample numbered `from` on. */
export interface RateColumns {
  from: number
  seconds: number[]
  rows: number[]
  bytes: number[]
}

/** Samples that are kept; even. */
const CAPACITY = 600
/** Seconds between two samples of a young run. */
const INTERVAL = 0.25

/** When there are too many samples every other one is left out; as they are sums, the differences of the others stay exact. */
export class RateHistory {
  readonly #samples: { seconds: number; rows: number; bytes: number }[] = [{ seconds: 0, rows: 0, bytes: 0 }]
  #interval = INTERVAL
  #due = INTERVAL
  #changed = 0

  /** `rows` and `bytes` are those since the run began. Costs a comparison where no sample is due. */
  add(seconds: number, rows: number, bytes: number): void {
    if (seconds >= this.#due) this.#keep(seconds, rows, bytes)
  }

  take(): RateColumns | undefined {
    if (this.#changed === this.#samples.length) return undefined
    const changed = this.#from(this.#changed)
    this.#changed = this.#samples.length
    return changed
  }

  all(): RateColumns {
    return this.#from(0)
  }

  #keep(seconds: number, rows: number, bytes: number): void {
    if (this.#samples.length === CAPACITY) {
      const others = this.#samples.filter((_, i) => i % 2 === 0)
      this.#samples.splice(0, CAPACITY, ...others)
      this.#interval *= 2
      this.#changed = 0
    }
    this.#samples.push({ seconds, rows, bytes })
    this.#due = seconds + this.#interval
  }

  #from(from: number): RateColumns {
    const samples = this.#samples.slice(from)
    return {
      from,
      seconds: samples.map(({ seconds }) => Number(seconds.toFixed(3))),
      rows: samples.map(({ rows }) => rows),
      bytes: samples.map(({ bytes }) => bytes),
    }
  }
}
