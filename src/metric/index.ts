import { BinaryMetrics } from './binary.js'
import { ClassMetrics } from './classes.js'
import type { MetricAccumulator, MetricTask } from './metric.js'
import { NumberMetrics } from './numbers.js'
import { ScoreMetrics } from './scores.js'

export { AreaUnderCurve } from './area-under-curve.js'
export { BinaryMetrics } from './binary.js'
export { ScoreMetrics } from './scores.js'
export { createTables } from './tables.js'
export type { Decile, EvaluationTables, TableAccumulator } from './tables.js'
export type { CalibrationBin } from './calibration.js'
export type { MetricAccumulator, Metrics, MetricTask, ScoredRows } from './metric.js'

type MetricFactory = (outputs: number, scale: number, threshold?: number) => MetricAccumulator

/** The metrics of every task. */
export const metrics: Readonly<Record<MetricTask, MetricFactory>> = {
  number: (_outputs, scale) => new NumberMetrics(scale, false),
  quantile: (_outputs, scale) => new NumberMetrics(scale, true),
  binary: (outputs, _scale, threshold) => new BinaryMetrics(outputs, threshold),
  score: (_outputs, _scale, threshold) => new ScoreMetrics(threshold),
  classes: (outputs) => new ClassMetrics(outputs),
}

/** A name that the loss, or a multiple of it, has in the field. */
export interface KnownLoss {
  readonly metric: string
  readonly factor: number
}

/**
 * Makes the metrics of a task.
 *
 * outputs: K, predictions a row; 1 for numbers and scores, 1 or 2 for two classes. scale: for numbers, units of the target in
 * one unit of the encoded label. knownAs: a metric of this name stands beside the loss. threshold: of two classes the second is
 * predicted above it.
 */
export function createMetrics(
  task: MetricTask,
  outputs: number,
  scale = 1,
  knownAs?: KnownLoss,
  threshold?: number,
): MetricAccumulator {
  const accumulator = metrics[task](outputs, scale, threshold)
  return knownAs === undefined ? accumulator : withKnownLoss(accumulator, knownAs)
}

function withKnownLoss(accumulator: MetricAccumulator, { metric, factor }: KnownLoss): MetricAccumulator {
  return {
    addRows: (rows) => accumulator.addRows(rows),
    addLoss: (sum) => accumulator.addLoss(sum),
    result() {
      const { loss, ...others } = accumulator.result()
      return { loss, [metric]: factor * loss, ...others }
    },
  }
}
