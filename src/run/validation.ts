import { metricsFor } from '../engine/score.js'
import type { Metrics } from '../metric/index.js'
import type { Run } from './run.js'

/** Milliseconds of scoring after which other events are let through. */
const TURN = 10

/**
 * Metrics of these weights on the held-out rows; undefined where there are none.
 *
 * They count each row by its own weight, as `evaluate` does. Where classes are weighed, `weightedLoss` is the loss that
 * training makes small: that of the rows weighed by their classes too.
 */
export async function scoreHeldOut(run: Run, weights: Float32Array): Promise<Metrics | undefined> {
  const { heldOut, schema, loss, outputs, scorer, learner, classWeigher } = run
  if (heldOut === undefined || heldOut.count === 0) return undefined
  const metrics = metricsFor(loss, schema.target, outputs)
  const weighed = metricsFor(loss, schema.target, outputs)
  const trained = learner.parameters.slice()
  learner.parameters.set(weights)
  let turn = performance.now()
  for (const { start, count } of heldOut.stretches()) {
    scorer.score(metrics, start, count)
    classWeigher?.whileWeighed(start, count, () => scorer.score(weighed, start, count))
    if (performance.now() - turn < TURN) continue
    await new Promise((resolve) => setImmediate(resolve))
    turn = performance.now()
  }
  learner.parameters.set(trained)
  const result = metrics.result()
  return classWeigher === undefined ? result : { ...result, weightedLoss: weighed.result().loss }
}

/** The loss by which epochs are compared. */
export function lossToCompare(validation: Metrics): number {
  return validation['weightedLoss'] ?? validation.loss
}
