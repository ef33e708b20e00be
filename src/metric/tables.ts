import { Calibration, type CalibrationBin } from './calibration.js'
import { NumberCells, ProbabilityCells } from './cells.js'
import { ConfusionMatrix, MOST_CONFUSED_CLASSES } from './confusion-matrix.js'
import type { MetricTask, ScoredRows } from './metric.js'
import { RankedRows } from './ranked-rows.js'

/** A tenth of the rows, by weight, ranked by their prediction: the first has the largest. */
export interface Decile {
  /** Σ w */
  readonly rows: number
  /** Mean prediction: of the probability (the score) of the second class, or of the number. */
  readonly predicted: number
  /** Share of rows of the second class, or mean of the target. */
  readonly observed: number
  /** observed / observed of all rows. */
  readonly lift: number
  /** Share of all rows of the second class, or of the sum of the target, in this decile and those before. */
  readonly captured: number
}

/** What figures alone do not tell of an evaluation. Counts are sums of the weights of rows. */
export interface EvaluationTables {
  /** Of classes, up to 1024 of them: counts[i][k] rows of class i were predicted to be k. */
  readonly confusion?: {
    readonly classes: readonly string[]
    readonly counts: readonly (readonly number[])[]
  }
  /** Of the probability of the second of two classes, or of the predicted one of several. */
  readonly calibration?: { readonly error: number; readonly bins: readonly CalibrationBin[] }
  /** Of two classes, and of numbers. */
  readonly deciles?: readonly Decile[]
}

/** Gathers tables over a stream of rows, row after row, in memory that does not grow with it. */
export interface TableAccumulator {
  addRows(rows: ScoredRows): void
  result(): EvaluationTables
}

/** What a target is in the data. */
export interface TargetUnits {
  /** Of a number, in units of the data: value = encoded · scale + mean. */
  readonly mean: number
  readonly scale: number
  readonly classes: readonly string[]
}

/** Makes the tables of a task. threshold: of two classes the second is predicted above it. */
export function createTables(
  task: MetricTask,
  outputs: number,
  { mean, scale, classes }: TargetUnits,
  threshold: number,
): TableAccumulator {
  if (task === 'number' || task === 'quantile') return new NumberTables(mean, scale)
  if (task === 'classes') return new ClassTables(classes, outputs)
  return new BinaryTables(classes, outputs, task === 'binary', threshold)
}

/** What every table is told of a row: predictions[first …] and its label. */
abstract class RowTables implements TableAccumulator {
  constructor(private readonly outputs: number) {}

  addRows(rows: ScoredRows): void {
    const { predictions, words, strideWords, labelWord, weightWord, count } = rows
    let { firstPrediction: prediction, firstWord: row } = rows
    for (let r = 0; r < count; r++) {
      const weight = words[row + weightWord]!
      // A row without weight is no row, and a prediction that is not a number has no place in a table.
      if (weight > 0 && !Number.isNaN(predictions[prediction])) {
        this.addRow(predictions, prediction, words[row + labelWord]!, weight)
      }
      row += strideWords
      prediction += this.outputs
    }
  }

  abstract result(): EvaluationTables
  protected abstract addRow(predictions: Float32Array, first: number, label: number, weight: number): void
}

class NumberTables extends RowTables {
  readonly #ranked = new RankedRows(new NumberCells())

  constructor(
    private readonly mean: number,
    private readonly scale: number,
  ) {
    super(1)
  }

  result(): EvaluationTables {
    return { deciles: decilesOf(this.#ranked) }
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    const inUnits = (encoded: number): number => encoded * this.scale + this.mean
    this.#ranked.add(inUnits(predictions[first]!), inUnits(label), weight)
  }
}

class BinaryTables extends RowTables {
  readonly #confusion = new ConfusionMatrix(2)
  readonly #calibration = new Calibration()
  readonly #ranked: RankedRows
  readonly #second: number

  constructor(
    private readonly classes: readonly string[],
    outputs: number,
    private readonly hasProbability: boolean,
    private readonly threshold: number,
  ) {
    super(outputs)
    this.#second = outputs - 1
    this.#ranked = new RankedRows(hasProbability ? new ProbabilityCells() : new NumberCells())
  }

  result(): EvaluationTables {
    const { error, bins } = this.#calibration
    return {
      confusion: { classes: this.classes, counts: this.#confusion.counts },
      ...(this.hasProbability ? { calibration: { error, bins } } : {}),
      deciles: decilesOf(this.#ranked),
    }
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    const prediction = predictions[first + this.#second]!
    this.#confusion.add(label, prediction > this.threshold ? 1 : 0, weight)
    if (this.hasProbability) this.#calibration.add(prediction, label, weight)
    this.#ranked.add(prediction, label, weight)
  }
}

class ClassTables extends RowTables {
  readonly #confusion: ConfusionMatrix | undefined
  readonly #calibration = new Calibration()

  constructor(
    private readonly classes: readonly string[],
    private readonly count: number,
  ) {
    super(count)
    this.#confusion = count <= MOST_CONFUSED_CLASSES ? new ConfusionMatrix(count) : undefined
  }

  result(): EvaluationTables {
    const { error, bins } = this.#calibration
    const counts = this.#confusion?.counts
    return {
      ...(counts === undefined ? {} : { confusion: { classes: this.classes, counts } }),
      calibration: { error, bins },
    }
  }

  protected addRow(predictions: Float32Array, first: number, label: number, weight: number): void {
    let best = 0
    for (let k = 1; k < this.count; k++) if (predictions[first + k]! > predictions[first + best]!) best = k
    this.#confusion?.add(label, best, weight)
    this.#calibration.add(predictions[first + best]!, best === label ? 1 : 0, weight)
  }
}

function decilesOf(ranked: RankedRows): Decile[] {
  const whole = ranked.whole
  let before = 0
  return ranked.parts(10).map(({ rows, prediction, outcome }) => {
    before += rows * outcome
    return {
      rows,
      predicted: prediction,
      observed: outcome,
      lift: outcome / whole.outcome,
      captured: before / (whole.rows * whole.outcome),
    }
  })
}
