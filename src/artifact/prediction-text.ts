import { shortestText } from '../numeric/shortest.js'
import type { MetricTask } from '../metric/index.js'
import type { TargetColumn } from '../schema/schema.js'

/**
 * Predictions as CSV: the kept columns, `prediction`, and for classes `probability_<class>` for each, or the `score` where the
 * loss estimates no probability. Fields are separated by
 * commas and quoted where they must be (RFC 4180), lines end with a line feed.
 *
 * Texts are Latin-1: one character is one byte of UTF-8, so that kept fields go through as the bytes they are. Lines are
 * joined here as @fast-csv/format would join them: it takes five times as long (0.24 µs a field against 0.04), and writing
 * is the slowest part of predicting as it is. The tests read the lines back with fast-csv.
 */
export interface PredictionText {
  /** The first line. */
  header(kept: readonly string[]): string
  /** A line for each of `count` rows; K predictions a row. kept: the start of each line, or nothing. */
  lines(
    predictions: Float32Array,
    count: number,
    kept: readonly string[] | undefined,
    firstKept: number,
  ): string
}

export function predictionText(target: TargetColumn, outputs: number, metrics: MetricTask): PredictionText {
  if (target.kind === 'number') return new NumberText(target.mean, target.scale)
  return metrics === 'score' ? new ScoreText(target.classes) : new ClassText(target.classes, outputs)
}

/** Blanks around a field, and a byte order mark at the start of a file, are passed over where they are not in quotes. */
const needsQuotes = /[",\r\n]|^[\t ]|[\t ]$|^\xef\xbb\xbf/

/**
 * One field, in Latin-1, in quotes where it must be. What a spreadsheet would take for a formula (`=1+1`) is data, and stays
 * as it is.
 */
export function csvField(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function headerLine(names: readonly string[]): string {
  return `${names.map((name) => csvField(Buffer.from(name).toString('latin1'))).join(',')}\n`
}

/** prediction = z · scale + mean, as the nearest f32. */
class NumberText implements PredictionText {
  constructor(
    private readonly mean: number,
    private readonly scale: number,
  ) {}

  header(kept: readonly string[]): string {
    return headerLine([...kept, 'prediction'])
  }

  lines(
    predictions: Float32Array,
    count: number,
    kept: readonly string[] | undefined,
    firstKept: number,
  ): string {
    let text = ''
    for (let r = 0; r < count; r++) {
      if (kept !== undefined) text += kept[firstKept + r]!
      text += `${shortestText(Math.fround(predictions[r]! * this.scale + this.mean))}\n`
    }
    return text
  }
}

/** The second class where the score is above 0, else the first; and the score. */
class ScoreText implements PredictionText {
  readonly #names: readonly string[]

  constructor(classes: readonly string[]) {
    this.#names = classes.map((name) => csvField(Buffer.from(name).toString('latin1')))
  }

  header(kept: readonly string[]): string {
    return headerLine([...kept, 'prediction', 'score'])
  }

  lines(
    predictions: Float32Array,
    count: number,
    kept: readonly string[] | undefined,
    firstKept: number,
  ): string {
    let text = ''
    for (let r = 0; r < count; r++) {
      if (kept !== undefined) text += kept[firstKept + r]!
      text += `${this.#names[predictions[r]! > 0 ? 1 : 0]!},${shortestText(predictions[r]!)}\n`
    }
    return text
  }
}

/** The most probable class, the first of equal ones, and the probability of each. */
class ClassText implements PredictionText {
  readonly #names: readonly string[]

  constructor(
    private readonly classes: readonly string[],
    private readonly outputs: number,
  ) {
    this.#names = classes.map((name) => csvField(Buffer.from(name).toString('latin1')))
  }

  header(kept: readonly string[]): string {
    return headerLine([...kept, 'prediction', ...this.classes.map((name) => `probability_${name}`)])
  }

  lines(
    predictions: Float32Array,
    count: number,
    kept: readonly string[] | undefined,
    firstKept: number,
  ): string {
    let text = ''
    for (let r = 0; r < count; r++) {
      if (kept !== undefined) text += kept[firstKept + r]!
      text +=
        this.outputs === 1 ? this.#ofTwo(predictions[r]!) : this.#ofSeveral(predictions, r * this.outputs)
    }
    return text
  }

  /** p is the probability of the second class. */
  #ofTwo(p: number): string {
    const name = this.#names[p > 0.5 ? 1 : 0]!
    return `${name},${shortestText(Math.fround(1 - p))},${shortestText(p)}\n`
  }

  #ofSeveral(predictions: Float32Array, first: number): string {
    let best = 0
    let probabilities = ''
    for (let k = 0; k < this.outputs; k++) {
      if (predictions[first + k]! > predictions[first + best]!) best = k
      probabilities += `,${shortestText(predictions[first + k]!)}`
    }
    return `${this.#names[best]!}${probabilities}\n`
  }
}
