/** Rates of a run, smoothed, from its progress events. */

import type { ProgressEvent } from '../events.js'

/** Seconds over which a rate forgets. */
const MEMORY = 3

export interface Speed {
  /** 0 until two events of one epoch have been seen. */
  rowsPerSecond: number
  bytesPerSecond: number
}

/**
 * Follows progress events: an exponential moving average over about 3 seconds,
 * rate += (1 − 1/(1 + Δt/3))·(Δrows/Δt − rate).
 */
export class SpeedMeter {
  private last: ProgressEvent | undefined
  private speed: Speed | undefined

  add(event: ProgressEvent): Speed {
    // Counts begin again with each epoch.
    const before =
      this.last?.epoch === event.epoch ? this.last : { rows: 0, bytes: 0, seconds: this.last?.seconds ?? 0 }
    this.last = event
    const elapsed = event.seconds - before.seconds
    if (!(elapsed > 0)) return this.speed ?? { rowsPerSecond: 0, bytesPerSecond: 0 }
    const now = {
      rowsPerSecond: (event.rows - before.rows) / elapsed,
      bytesPerSecond: (event.bytes - before.bytes) / elapsed,
    }
    const share = this.speed === undefined ? 1 : elapsed / (MEMORY + elapsed)
    const old = this.speed ?? now
    this.speed = {
      rowsPerSecond: old.rowsPerSecond + share * (now.rowsPerSecond - old.rowsPerSecond),
      bytesPerSecond: old.bytesPerSecond + share * (now.bytesPerSecond - old.bytesPerSecond),
    }
    return this.speed
  }
}
