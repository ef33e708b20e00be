/** What a contender is asked to do: a file of JSON, whose path is the argument of its program. */
export interface Job {
  /** CSV with a header; a gap is a missing value. */
  readonly train: string
  /** Rows that are scored in the end, and not learned from. */
  readonly heldOut: string
  /** A column of 0 and 1; the loss is logistic. */
  readonly target: string
  readonly numbers: readonly string[]
  readonly categories: readonly string[]
  readonly epochs: number
  readonly batchSize: number
  /** Units of the hidden layers; none for a linear model. */
  readonly hidden: readonly number[]
  /** Categories are hashed to 2^hashBits weights; null: each value has a weight of its own. */
  readonly hashBits: number | null
  /** For files of the contender's own. */
  readonly folder: string
  /** Whether heldOut is to be scored. */
  readonly score: boolean
}

/** What most questions ask for: one pass of a linear model, a weight for each value. */
export const onePass = { epochs: 1, batchSize: 1024, hidden: [], hashBits: null, score: false } as const

/** What came of it. */
export interface Outcome {
  /** From the start of the process until it had learned from all rows; scoring is no part of it. */
  readonly seconds: number
  /** Mean log loss of the held-out rows; undefined where it was not asked for, or where there is no model. */
  readonly loss: number | undefined
  /** Mean log loss of the rows, each before it was learned from, where the contender tells it. */
  readonly progressiveLoss: number | undefined
  readonly versions: Readonly<Record<string, string>>
}

/** A program that is compared with others. */
export interface Contender {
  readonly name: string
  /** What it does, in a sentence for the report. */
  readonly does: string
  /** Why it cannot run on this machine; undefined where it can. */
  missing(): string | undefined
  canDo(job: Job): boolean
  run(job: Job): Promise<Outcome>
}
