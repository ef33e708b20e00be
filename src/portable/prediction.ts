import { usageError } from '../errors.js'
import { lossFacts } from '../loss/index.js'
import type { TrainedModel } from '../model/model.js'
import { linkFunctions } from './link-functions.js'

/** What a model says of a row. Numbers are those of f32. */
export interface Prediction {
  /** In the units of the data, or the name of a class: the most probable one, the first of equal ones. */
  readonly prediction: number | string
  /** Of each class by its name, where the loss estimates them. */
  readonly probabilities?: Readonly<Record<string, number>>
  /** Of a hinge loss, which estimates none: above 0 for the second class. */
  readonly score?: number
}

/** What a model of numbers says. */
export interface NumberPrediction extends Prediction {
  readonly prediction: number
}

/** What a model of classes says. */
export interface ClassPrediction extends Prediction {
  readonly prediction: string
  readonly probabilities: Readonly<Record<string, number>>
}

/** What may be chosen when a row is predicted. */
export interface PredictionOptions {
  /** Of two classes the second is predicted where its probability, or the score, is above this. Default: 0.5; 0 for scores. */
  readonly threshold?: number | undefined
}

/**
 * The scores of a row → its prediction, which names classes and has the units of the data.
 *
 * Throws a usage error for a threshold that is no number, or where there are not two classes.
 */
export function predictionOf(
  model: TrainedModel,
  { threshold }: PredictionOptions,
): (scores: Float32Array) => Prediction {
  const {
    loss,
    schema: { target },
  } = model
  const { kernel, metrics } = lossFacts(loss)
  const link = linkFunctions[kernel.predict]!
  const cut = thresholdOf(model, threshold)
  if (target.kind === 'number') {
    const { mean, scale } = target
    return (z) => ({ prediction: Math.fround(link(z)[0]! * scale + mean) })
  }
  const { classes } = target
  if (metrics === 'score') {
    return (z) => ({ prediction: classes[z[0]! > cut ? 1 : 0]!, score: z[0]! })
  }
  if (target.kind === 'classes') return (z) => mostProbable(classes, link(z))
  return (z) => {
    const second = link(z)[0]!
    const prediction = classes[second > cut ? 1 : 0]!
    return { prediction, probabilities: byName(classes, [Math.fround(1 - second), second]) }
  }
}

function mostProbable(classes: readonly string[], probabilities: Float32Array): ClassPrediction {
  const best = probabilities.indexOf(Math.max(...probabilities))
  return { prediction: classes[best]!, probabilities: byName(classes, probabilities) }
}

/** fromEntries defines keys: one such as `__proto__` is a key as any other. */
function byName(classes: readonly string[], values: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(classes.map((name, k) => [name, values[k]!]))
}

/**
 * Above what the second of two classes is predicted: its probability, or the score of a hinge loss.
 *
 * Throws a usage error for a threshold that is no number, or where there are not two classes.
 */
export function thresholdOf(
  { loss, schema: { target } }: TrainedModel,
  threshold: number | undefined,
): number {
  if (threshold === undefined) return lossFacts(loss).metrics === 'score' ? 0 : 0.5
  if (target.kind !== 'binary') {
    const message = 'threshold: expected a model of two classes'
    throw usageError('OPTION_CONFLICT', message, 'leave it out', { option: 'threshold' })
  }
  if (Number.isFinite(threshold)) return threshold
  const message = `threshold: expected a finite number, got ${threshold}`
  throw usageError('OPTION_VALUE', message, 'leave it out for its default', { option: 'threshold' })
}
