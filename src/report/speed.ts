/** Rates of a run, smoothed. */

/** Seconds after which what came before counts half. */
const MEMORY = 3

/** What has been done since the start of the run, over all epochs. */
export interface WorkDone {
  readonly rows: number
  readonly bytes: number
  readonly seconds: number
}

export interface Speed {
  /** 0 until time has passed. */
  rowsPerSecond: number
  bytesPerSecond: number
}

/**
 * A mean over time that forgets,
 * rate = Σ w·Δrows / Σ w·Δt, where each look multiplies the weights of those before it by 3 / (3 + Δt).
 */
export class SpeedMeter {
  private last: WorkDone = { rows: 0, bytes: 0, seconds: 0 }
  private rows = 0
  private bytes = 0
  private seconds = 0

  add(done: WorkDone): Speed {
    const elapsed = done.seconds - this.last.seconds
    if (elapsed > 0) {
      const kept = MEMORY / (MEMORY + elapsed)
      this.rows = this.rows * kept + done.rows - this.last.rows
      this.bytes = this.bytes * kept + done.bytes - this.last.bytes
      this.seconds = this.seconds * kept + elapsed
      this.last = done
    }
    if (this.seconds === 0) return { rowsPerSecond: 0, bytesPerSecond: 0 }
    return { rowsPerSecond: this.rows / this.seconds, bytesPerSecond: this.bytes / this.seconds }
  }
}
