/** Seconds between two looks at the weights, at least. */
const INTERVAL = 5
/** The time that a look took, times this, passes before the next: half a percent of the run. */
const COST = 200
/** The share of the time so far that passes: a run of days has hundreds of looks, not tens of thousands. */
const SHARE = 1 / 128

/** When to look at the weights, by the clock of the run. */
export class HistogramTimes {
  #next = 0
  #earliest = 0

  isDue(seconds: number): boolean {
    return seconds >= this.#next
  }

  looked(seconds: number, took: number): void {
    this.#earliest = seconds + COST * took
    this.#next = Math.max(this.#earliest, seconds + INTERVAL, seconds * (1 + SHARE))
  }

  /** An epoch has ended: at the next step, where that does not cost too much. */
  epochEnded(): void {
    this.#next = Math.min(this.#next, this.#earliest)
  }
}
