/**
 * How long and in what steps to train where the options do not say: the rule, in one place. docs/defaults.md says how it
 * was chosen.
 */

import type { Optimizer } from '../optimizer/index.js'
import type { ScheduleName } from '../schedule/index.js'

/** What the rule looks at. */
export interface TrainingTask {
  /** Rows of the input, as its sample lets expect; undefined for streams. */
  readonly rows: number | undefined
  /** Numbers that a row brings into the first hidden layer; undefined for a linear model. */
  readonly inputs?: number | undefined
  /** Epochs without a better validation loss after which training stops. */
  readonly patience?: number | undefined
  /** Strengths of the penalties that are asked for. */
  readonly l1?: number | undefined
  readonly weightDecay?: number | undefined
}

interface Rule {
  /** Small inputs are passed over more than once, until about this many rows have been learned from … */
  readonly rowsToLearnFrom: number
  /** … or this many numbers: rows · inputs. A network learns wide rows by heart sooner, and pays more for each. */
  readonly numbersToLearnFrom: number
  /** … but not more often than this. */
  readonly mostEpochs: number
  readonly largestBatch: number
}

/** Hidden layers learn from more rows, and in more steps, than the weights of a linear model, which soon are what they will be. */
const rules = {
  linear: { rowsToLearnFrom: 500_000, numbersToLearnFrom: Infinity, mostEpochs: 50, largestBatch: 4096 },
  network: {
    rowsToLearnFrom: 4_000_000,
    numbersToLearnFrom: 500_000_000,
    mostEpochs: 100,
    largestBatch: 1024,
  },
} as const satisfies Record<string, Rule>

const STEPS_A_PASS = 200
const SMALLEST_BATCH = 32
const MOST_EPOCHS_WITH_PATIENCE = 1000

const ruleOf = ({ inputs }: TrainingTask): Rule => (inputs === undefined ? rules.linear : rules.network)

/** A power of two near a 200th of the rows: a small input is still learned from in many steps, a large one in few. */
export function defaultBatchSize(task: TrainingTask): number {
  let size: number = ruleOf(task).largestBatch
  while (size > SMALLEST_BATCH && size * STEPS_A_PASS > (task.rows ?? Infinity)) size /= 2
  return size
}

/** Passes over the input: one over a stream, whose rows are not kept; with `patience` the most that there may be. */
export function defaultEpochs(task: TrainingTask): number {
  const { rows, inputs = 1, patience } = task
  if (patience !== undefined) return MOST_EPOCHS_WITH_PATIENCE
  if (rows === undefined) return 1
  const { rowsToLearnFrom, numbersToLearnFrom, mostEpochs } = ruleOf(task)
  const enough = Math.min(rowsToLearnFrom, numbersToLearnFrom / inputs)
  return Math.min(mostEpochs, Math.max(1, Math.round(enough / Math.max(1, rows))))
}

/**
 * A rate that falls to 0 over the run, where that helps:
 *
 * - not for a stream, whose steps are not known;
 * - not with `patience`: of the most epochs that there may be, few have passed when training stops;
 * - not with an L1 penalty: weights that noise has moved would no longer come back to 0 in the last steps.
 */
export function defaultSchedule({ rows, patience, l1 = 0 }: TrainingTask): ScheduleName {
  return rows === undefined || patience !== undefined || l1 > 0 ? 'constant' : 'cosine'
}

/** Optimizers whose steps do not grow with the gradient: twice the rate does not make them diverge. */
const scaled: readonly string[] = ['adagrad', 'adam', 'adamw', 'rmsprop']

/**
 * Share of the learning rate of a new linear model by which one goes on that has learned already: with all of it, the first
 * steps move each weight as far as if it were still to be found, and undo more than the new rows teach. Networks take long
 * to learn all there is, and gain by the whole rate.
 */
const SHARE_OF_RATE = 1 / 4

/** The learning rate of a run that goes on from a model, by that of a new one. */
export function continuedLearningRate(rate: number, { inputs }: TrainingTask): number {
  return inputs === undefined ? rate * SHARE_OF_RATE : rate
}

/** The optimizer's own; a rate that falls to 0, and is half of what it began at in the mean, begins at twice that. */
export function defaultLearningRate(
  { name, defaultLearningRate: own }: Pick<Optimizer, 'name' | 'defaultLearningRate'>,
  schedule: ScheduleName,
): number {
  return (schedule === 'cosine' || schedule === 'linear') && scaled.includes(name) ? 2 * own : own
}

/**
 * A network learns rows by heart that it meets again and again, so its weights are held by a penalty, as if each were a draw from a
 * normal distribution of deviation 1: with (1 / rows / 2)·w² the log loss is least where the product of likelihood and
 * prior is largest. None where they are met but once, where another penalty is asked for or comes with the optimizer, nor
 * where the rows are not known.
 */
export function defaultL2(
  task: TrainingTask,
  { defaultWeightDecay }: Pick<Optimizer, 'defaultWeightDecay'>,
): number {
  const { rows = Infinity, inputs, l1 = 0, weightDecay = defaultWeightDecay ?? 0 } = task
  if (inputs === undefined || rows >= rules.network.rowsToLearnFrom || l1 > 0 || weightDecay > 0) return 0
  return 1 / Math.max(1, rows)
}
