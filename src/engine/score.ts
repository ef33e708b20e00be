import type { ModelPlan } from '../../workers/protocol.js'
import type { Loss, LossFacts } from '../loss/index.js'
import { createMetrics, type MetricAccumulator } from '../metric/index.js'
import { targetScale, type TargetColumn } from '../schema/schema.js'
import type { Encoding } from '../schema/program.js'
import type { SharedMemory } from './memory.js'
import { modelSteps, scratchBytes, type ModelSteps } from './steps.js'

/** Rows that are scored in one go. */
export const SCORED_AT_ONCE = 4096

/** Scores encoded rows with parameters in shared memory: predictions, and metrics where there are labels. */
export class Scorer {
  readonly #stride: number
  readonly #steps: ModelSteps
  readonly #z: number
  readonly #dz: number
  readonly #totals: Float64Array
  readonly #totalsAddress: number
  readonly #predictionsAddress: number
  readonly #predictions: Float32Array

  constructor(
    private readonly memory: SharedMemory,
    private readonly encoding: Encoding,
    private readonly plan: ModelPlan,
    private readonly loss: Loss,
  ) {
    const { outputs, stride } = plan
    const scores = () => memory.allocate('scores to evaluate', SCORED_AT_ONCE * outputs * 4 + 16)
    const predictions = scores()
    this.#stride = stride
    this.#steps = modelSteps(
      memory.kernel,
      plan,
      memory.allocate('activations to evaluate', scratchBytes(plan)).start,
    )
    this.#z = scores().start
    this.#dz = scores().start
    const totals = memory.allocate('totals to evaluate', 16)
    this.#totals = memory.f64(totals)
    this.#totalsAddress = totals.start
    this.#predictionsAddress = predictions.start
    this.#predictions = memory.f32(predictions)
  }

  /** Adds rows to the metrics. */
  score(metrics: MetricAccumulator, start: number, count: number): void {
    const { layout } = this.encoding
    const { kernel } = this.memory
    const { kernel: names, setting, unit } = this.loss
    for (let first = 0; first < count; first += SCORED_AT_ONCE) {
      const rows = Math.min(SCORED_AT_ONCE, count - first)
      const at = start + first * this.#stride
      this.predict(at, rows)
      this.#totals.fill(0)
      kernel[names.loss]!(
        at,
        this.#stride,
        rows,
        layout.labelWord,
        layout.weightWord,
        this.plan.outputs,
        setting,
        this.#z,
        this.#dz,
        this.#totalsAddress,
      )
      metrics.addLoss(this.#totals[0]! * unit)
      metrics.addRows({
        predictions: this.#predictions,
        firstPrediction: 0,
        words: this.memory.views.f32,
        firstWord: at >>> 2,
        strideWords: layout.strideWords,
        labelWord: layout.labelWord,
        weightWord: layout.weightWord,
        count: rows,
      })
    }
  }

  /** The predictions of up to SCORED_AT_ONCE rows, K a row; valid until the next call. */
  predict(start: number, rows: number): Float32Array {
    const { kernel } = this.memory
    const { rowsAtOnce, outputs } = this.plan
    for (let done = 0; done < rows; done += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - done)
      this.#steps.forward(start + done * this.#stride, count, this.#z + done * outputs * 4, done)
    }
    kernel[this.loss.kernel.predict]!(this.#z, rows, this.plan.outputs, this.#predictionsAddress)
    return this.#predictions
  }
}

/** Metrics in the units of the data. */
export function metricsFor(
  { metrics, knownAs }: LossFacts | Loss,
  target: TargetColumn,
  outputs: number,
  threshold?: number,
): MetricAccumulator {
  return createMetrics(metrics, outputs, targetScale(target), knownAs, threshold)
}
