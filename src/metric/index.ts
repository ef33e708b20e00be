import { BinaryMetrics } from './binary.js'
import { ClassMetrics } from './classes.js'
import type { MetricAccumulator, MetricTask } from './metric.js'
import { NumberMetrics } from './numbers.js'

export { AreaUnderCurve } from './area-under-curve.js'
export { BinaryMetrics } from './binary.js'
export type { MetricAccumulator, Metrics, MetricTask, ScoredRows } from './metric.js'

type MetricFactory = (outputs: number, scale: number) => MetricAccumulator

/** The metrics of every task. */
export const metrics: Readonly<Record<MetricTask, MetricFactory>> = {
  number: (_outputs, scale) => new NumberMetrics(scale),
  binary: (outputs) => new BinaryMetrics(outputs),
  classes: (outputs) => new ClassMetrics(outputs),
}

/**
 * Makes the metrics of a task.
 *
 * outputs: K, predictions a row; 1 for numbers, 1 or 2 for two classes. scale: for numbers, units of the target in one
 * unit of the encoded label.
 */
export function createMetrics(task: MetricTask, outputs: number, scale = 1): MetricAccumulator {
  return metrics[task](outputs, scale)
}
