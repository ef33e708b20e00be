import { rowLayout } from '../../src/step/rows.js'

/** Features of a row. */
export const FEATURES = 28
export const BATCH_ROWS = 1024
/** Mini-batches that lie in memory and are gone through again and again. */
export const BATCHES = 16
export const LEARNING_RATE = 0.001

export const layout = rowLayout(FEATURES, 0)

/** Rows of numbers in ± ½ and labels 0 or 1 that a network has something to find in; the same in every run. */
export interface Problem {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[]
  /** rows × FEATURES */
  readonly x: Float32Array
  readonly y: Float32Array
}

export function makeProblem(hidden: readonly number[]): Problem {
  const rows = BATCH_ROWS * BATCHES
  const x = Float32Array.from(
    { length: rows * FEATURES },
    (_, i) => ((i * 0.618034 + (i >> 5) * 0.11) % 1) - 0.5,
  )
  const y = new Float32Array(rows)
  for (let r = 0; r < rows; r++) {
    const at = r * FEATURES
    y[r] = x[at]! * x[at + 1]! + x[at + 2]! * 0.3 > 0 ? 1 : 0
  }
  return { hidden, x, y }
}

/** One layer's weights: W is inputs × outputs, without padding. */
export interface LayerWeights {
  readonly inputs: number
  readonly outputs: number
  readonly w: Float32Array
  readonly bias: Float32Array
}

/** A network in memory that is trained by Adam on the mini-batches in their order, the logistic loss at its end. */
export interface Trainer {
  /** Goes on for so many steps; the mean loss of the last mini-batch, and the seconds of all. */
  train(steps: number): Promise<{ loss: number; seconds: number }>
  close(): Promise<void> | void
}
