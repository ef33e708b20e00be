import type { StepEvent } from '../../events.js'

/** Seconds that a rate is taken over, at least. */
const INTERVAL = 0.25

/** Rows and bytes a second between steps that are looked at, over epochs too. */
export class Throughput {
  /** Of the epochs before. */
  #past = { rows: 0, bytes: 0 }
  #before: { readonly rows: number; readonly bytes: number; readonly seconds: number } | undefined

  epochEnded(last: StepEvent | undefined): void {
    this.#past = { rows: this.#past.rows + (last?.rows ?? 0), bytes: this.#past.bytes + (last?.bytes ?? 0) }
  }

  /** Undefined where too little time has gone since the last rates. */
  at({ rows, bytes, seconds }: StepEvent): { rows: number; bytes: number } | undefined {
    const now = { rows: this.#past.rows + rows, bytes: this.#past.bytes + bytes, seconds }
    const before = this.#before
    if (before !== undefined && seconds < before.seconds + INTERVAL) return undefined
    this.#before = now
    if (before === undefined) return undefined
    const passed = seconds - before.seconds
    return { rows: (now.rows - before.rows) / passed, bytes: (now.bytes - before.bytes) / passed }
  }
}
