/** Rates of a run, smoothed, from its progress events. */

import type { ProgressEvent } from '../events.js'

/** Seconds after which what came before counts half. */
const MEMORY = 3

export interface Speed {
  /** 0 until time has passed. */
  rowsPerSecond: number
  bytesPerSecond: number
}

/**
 * Follows progress events: a mean over time that forgets,
 * rate = Σ w·Δrows / Σ w·Δt, where each event multiplies the weights of those before it by 3 / (3 + Δt).
 */
export class SpeedMeter {
  private last: ProgressEvent | undefined
  private rows = 0
  private bytes = 0
  private seconds = 0

  add(event: ProgressEvent): Speed {
    // Counts begin again with each epoch, and so may the clock.
    const last = this.last
    const same = last !== undefined && last.epoch === event.epoch
    const clock = last !== undefined && last.seconds <= event.seconds ? last.seconds : 0
    const before = same ? last : { rows: 0, bytes: 0, seconds: clock }
    const elapsed = event.seconds - before.seconds
    if (elapsed > 0) {
      this.last = event
      const kept = MEMORY / (MEMORY + elapsed)
      this.rows = this.rows * kept + event.rows - before.rows
      this.bytes = this.bytes * kept + event.bytes - before.bytes
      this.seconds = this.seconds * kept + elapsed
    }
    if (this.seconds === 0) return { rowsPerSecond: 0, bytesPerSecond: 0 }
    return { rowsPerSecond: this.rows / this.seconds, bytesPerSecond: this.bytes / this.seconds }
  }
}
