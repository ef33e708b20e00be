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
  /** The last of them is open: it is kept in the fields below, and written down when it is full or looked at. */
  #length = 0
  /** Steps that a bucket takes. */
  #width = 1
  /** Steps in the last bucket; 0 where there is none that takes more. */
  #filled = 0
  #step = 0
  #rows = 0
  #seconds = 0
  #lossSum = 0
  #low = 0
  #high = 0
  #progressive = 0
  #learningRate = 0
  #gradientNorm = 0
  /** The first bucket that has changed since the last take(). */
  #changed = 0

  /** `rows` and `seconds` are those since the run began. Called 30,000 times a second: a dozen numbers are kept, nothing is made. */
  add(event: Omit<StepRecord, 'type'>, rows: number, seconds: number): void {
    if (this.#filled === 0 || this.#filled === this.#width) this.#begin()
    const { loss, gradientNorm } = event
    this.#filled++
    this.#step = event.step
    this.#rows = rows
    this.#seconds = seconds
    this.#lossSum += loss
    if (loss < this.#low) this.#low = loss
    if (loss > this.#high) this.#high = loss
    this.#progressive = event.progressiveLoss
    this.#learningRate = event.learningRate
    if (gradientNorm > this.#gradientNorm) this.#gradientNorm = gradientNorm
    if (this.#changed === this.#length) this.#changed--
  }

  /** Forgets the steps after this one, which a run that goes on from it takes again. */
  cutAfter(step: number): void {
    this.#writeDown()
    while (this.#length > 0 && this.#columns.step[this.#length - 1]! > step) this.#length--
    this.#filled = 0
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
    this.#writeDown()
    if (this.#length === CAPACITY) this.#join()
    this.#length++
    this.#filled = 0
    this.#lossSum = 0
    this.#low = Infinity
    this.#high = -Infinity
    this.#gradientNorm = 0
  }

  #writeDown(): void {
    if (this.#filled === 0) return
    const at = this.#length - 1
    const columns = this.#columns
    columns.step[at] = this.#step
    columns.rows[at] = this.#rows
    columns.seconds[at] = this.#seconds
    columns.loss[at] = this.#lossSum / this.#filled
    columns.low[at] = this.#low
    columns.high[at] = this.#high
    columns.progressive[at] = this.#progressive
    columns.learningRate[at] = this.#learningRate
    columns.gradientNorm[at] = this.#gradientNorm
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
    this.#writeDown()
    const entries = stepColumns.map((name) => {
      const kept = this.#columns[name].subarray(from, this.#length)
      return [name, name === 'step' || name === 'rows' ? [...kept] : Array.from(kept, rounded)]
    })
    return { from, ...Object.fromEntries(entries) } as StepColumns
  }
}

/** To what a picture can show. */
function rounded(value: number): number {
  const scale = 10 ** (DIGITS - Math.ceil(Math.log10(Math.abs(value))))
  // Of 0, of what is not finite, and of the smallest numbers there are, no such number is one.
  return scale > 0 && scale < Infinity ? Math.round(value * scale) / scale : value
}
