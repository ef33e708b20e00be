/**
 * What is predicted: a number, a quantile of it, the probability of the second of two classes, a score that is above 0 for
 * it, the probabilities of several classes.
 */
export type MetricTask = 'number' | 'quantile' | 'binary' | 'score' | 'classes'

/** Metrics by name, in the order in which they are shown; one that is not defined for the rows seen is NaN. */
export interface Metrics {
  /** Weighted mean of the loss that was trained on. */
  readonly loss: number
  readonly [name: string]: number
}

/** A run of encoded rows and their predictions; the object may be used again for the next run. */
export interface ScoredRows {
  /** K predictions a row, rows one after the other. */
  predictions: Float32Array
  /** Entry of the first row's first prediction. */
  firstPrediction: number
  /** The memory that the encoded rows are in, as f32. */
  words: Float32Array
  /** Word at which the first row starts. */
  firstWord: number
  /** Words from one row to the next. */
  strideWords: number
  /** Word of a row that holds the label. */
  labelWord: number
  /** Word of a row that holds the weight. */
  weightWord: number
  /** Number of rows. */
  count: number
}

/**
 * Metrics over a stream of rows, in memory that does not grow with it.
 *
 * Sums are f64, row after row: the same rows in the same order give the same bits, however they are cut into runs.
 */
export interface MetricAccumulator {
  addRows(rows: ScoredRows): void
  /** Adds Σ weight · loss of rows given to addRows; the kernel has it already. */
  addLoss(sumOfWeightedLoss: number): void
  /** The metrics of all rows so far; may be called at any time. All are NaN while the weights add up to 0. */
  result(): Metrics
}

/** The same names, none of them defined. */
export function allNaN(metrics: Metrics): Metrics {
  return { ...Object.fromEntries(Object.keys(metrics).map((name) => [name, NaN])), loss: NaN }
}
