/**
 * How long and in what steps to train where the options do not say: the rule, in one place. docs/defaults.md says how it
 * was chosen.
 */

/** What the rule looks at. */
export interface TrainingTask {
  /** Rows of the input, as its sample lets expect; undefined for streams. */
  readonly rows: number | undefined
  /** Units of the hidden layers; undefined for a linear model. */
  readonly hidden?: readonly number[] | undefined
  /** Epochs without a better validation loss after which training stops. */
  readonly patience?: number | undefined
}

interface Rule {
  /** Small inputs are passed over more than once, until about this many rows have been learned from … */
  readonly rowsToLearnFrom: number
  /** … but not more often than this. */
  readonly mostEpochs: number
  readonly largestBatch: number
}

/** Hidden layers learn from more rows, and in more steps, than the weights of a linear model, which soon are what they will be. */
const rules = {
  linear: { rowsToLearnFrom: 500_000, mostEpochs: 50, largestBatch: 4096 },
  network: { rowsToLearnFrom: 2_000_000, mostEpochs: 100, largestBatch: 1024 },
} as const satisfies Record<string, Rule>

const STEPS_A_PASS = 200
const SMALLEST_BATCH = 32
const MOST_EPOCHS_WITH_PATIENCE = 1000

const ruleOf = ({ hidden }: TrainingTask): Rule => (hidden === undefined ? rules.linear : rules.network)

/** A power of two near a 200th of the rows: a small input is still learned from in many steps, a large one in few. */
export function defaultBatchSize(task: TrainingTask): number {
  let size: number = ruleOf(task).largestBatch
  while (size > SMALLEST_BATCH && size * STEPS_A_PASS > (task.rows ?? Infinity)) size /= 2
  return size
}

/** Passes over the input: one over a stream, whose rows are not kept; with `patience` the most that there may be. */
export function defaultEpochs(task: TrainingTask): number {
  const { rows, patience } = task
  if (patience !== undefined) return MOST_EPOCHS_WITH_PATIENCE
  if (rows === undefined) return 1
  const { rowsToLearnFrom, mostEpochs } = ruleOf(task)
  return Math.min(mostEpochs, Math.max(1, Math.round(rowsToLearnFrom / Math.max(1, rows))))
}
