import { metricsFor } from './engine/score.js'
import type { Metrics } from './metric/index.js'
import type { Run } from './run.js'

/** Milliseconds of scoring after which other events are let through. */
const TURN = 10

/** Metrics of these weights on the held-out rows; undefined where there are none. */
export async function scoreHeldOut(
  { heldOut, schema, outputs, scorer, learner }: Run,
  weights: Float32Array,
): Promise<Metrics | undefined> {
  if (heldOut === undefined || heldOut.count === 0) return undefined
  const metrics = metricsFor(schema.target, outputs)
  const trained = learner.parameters.slice()
  learner.parameters.set(weights)
  let turn = performance.now()
  for (const { start, count } of heldOut.stretches()) {
    scorer.score(metrics, start, count)
    if (performance.now() - turn < TURN) continue
    await new Promise((resolve) => setImmediate(resolve))
    turn = performance.now()
  }
  learner.parameters.set(trained)
  return metrics.result()
}
