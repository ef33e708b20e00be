import type { StepRecord } from '../event-record.js'

/** What is kept of the steps, one bucket of neighbouring steps a row. */
export const stepColumns = [
  /** The last step of the bucket; so are rows (over all epochs), seconds, progressive and learningRate. */
  'step',
  'rows',
  'seconds',
  /** Mean over the steps of the bucket. */
  'loss',
  /** Smallest and largest loss of a step: a spike stays one, however many steps share its bucket. */
  'low',
  'high',
  'progressive',
  'learningRate',
  /** The largest of a step. */
  'gradientNorm',
] as const

type StepColumn = (typeof stepColumns)[number]
/** The buckets from the one numbered `from` on; those before are as they were. */
export type StepColumns = { from: number } & Record<StepColumn, number[]>

/** Buckets that are kept; even. */
const CAPACITY = 2000
const DIGITS = 6

/**
 * The curves of a run in bounded memory. When all buckets are full, neighbours are joined, and each takes twice as many steps
 * from then on: a curve of any length has between 1,000 and 2,000 buckets of the same size.
 */
export class StepHistory {
  readonly #columns = Object.fromEntries(
    stepColumns.map((name) => [name, new Float64Array(CAPACITY)]),
  ) as Record<StepColumn, Float64Array>
  #length = 0
  /** Steps that a bucket takes. */
  #width = 1
  /** Steps in the last bucket. */
  #filled = 0
  #lossSum = 0
  /** The first bucket that has changed since the last take(). */
  #changed = 0

  /** `rows` and `seconds` are those since the run began. */
  add(event: Omit<StepRecord, 'type'>, rows: number, seconds: number): void {
    if (this.#length === 0 || this.#filled === this.#width) this.#begin()
    const { loss, gradientNorm } = event
    const at = this.#length - 1
    const columns = this.#columns
    this.#filled++
    this.#lossSum += loss
    columns.step[at] = event.step
    columns.rows[at] = rows
    columns.seconds[at] = seconds
    columns.loss[at] = this.#lossSum / this.#filled
    if (loss < columns.low[at]!) columns.low[at] = loss
    if (loss > columns.high[at]!) columns.high[at] = loss
    columns.progressive[at] = event.progressiveLoss
    columns.learningRate[at] = event.learningRate
    if (gradientNorm > columns.gradientNorm[at]!) columns.gradientNorm[at] = gradientNorm
    if (at < this.#changed) this.#changed = at
  }

  /** Forgets the steps after this one, which a run that goes on from it takes again. */
  cutAfter(step: number): void {
    while (this.#length > 0 && this.#columns.step[this.#length - 1]! > step) this.#length--
    this.#filled = this.#width
    this.#changed = Math.min(this.#changed, this.#length)
  }

  /** What has changed since the last time; undefined where nothing has. */
  take(): StepColumns | undefined {
    if (this.#changed >= this.#length) return undefined
    const changed = this.#from(this.#changed)
    this.#changed = this.#length
    return changed
  }

  all(): StepColumns {
    return this.#from(0)
  }

  #begin(): void {
    if (this.#length === CAPACITY) this.#join()
    const at = this.#length++
    this.#filled = 0
    this.#lossSum = 0
    this.#columns.low[at] = Infinity
    this.#columns.high[at] = -Infinity
    this.#columns.gradientNorm[at] = 0
    this.#changed = Math.min(this.#changed, at)
  }

  #join(): void {
    const { loss, low, high, gradientNorm, ...others } = this.#columns
    const last = Object.values(others)
    for (let to = 0; to < CAPACITY / 2; to++) {
      const a = 2 * to
      const b = a + 1
      for (const column of last) column[to] = column[b]!
      loss[to] = (loss[a]! + loss[b]!) / 2
      low[to] = Math.min(low[a]!, low[b]!)
      high[to] = Math.max(high[a]!, high[b]!)
      gradientNorm[to] = Math.max(gradientNorm[a]!, gradientNorm[b]!)
    }
    this.#length = CAPACITY / 2
    this.#width *= 2
    this.#changed = 0
  }

  #from(from: number): StepColumns {
    const entries = stepColumns.map((name) => {
      const kept = this.#columns[name].subarray(from, this.#length)
      return [name, name === 'step' || name === 'rows' ? [...kept] : Array.from(kept, rounded)]
    })
    return { from, ...Object.fromEntries(entries) } as StepColumns
  }
}

/** To what a picture can show. */
function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}
