/** A loss that is not a finite number: where, and why. */
import { largestPart, type Factors, type Part } from '../engine/largest-part.js'
import { MillraceError, type Place } from '../errors.js'
import type { BatchRun, MiniBatch } from '../flow/mini-batches.js'
import type { Model } from '../predicting/node-model.js'
import type { NetworkShape } from '../model/network.js'
import type { Run } from './run.js'
import { denseFeatures, featureColumns, type Schema } from '../schema/schema.js'
import { lineAt } from '../source/line-index.js'

/** The run has ended because its loss is not a finite number; it has the last good weights, where there were some. */
export class DivergedError extends MillraceError {
  constructor(
    message: string,
    hint: string,
    place: Place,
    readonly model?: Model,
  ) {
    super('DIVERGED', 'run', message, hint, place)
  }
}

/**
 * Says which rows and which feature are most likely at fault, while the mini-batch still lies where it was trained on: the
 * feature with the largest |x·w|, or, where the loss is finite and only the gradient is not, with the largest |x·dz|.
 */
export function diverged(run: Run, batch: MiniBatch, loss: number): DivergedError {
  const { memory, learner, encoding, schema, options } = run
  const step = learner.step + 1
  const inGradient = Number.isFinite(loss)
  const found = inGradient
    ? `expected a finite gradient, found one that is not at step ${step}, where the loss is ${loss}`
    : `expected a finite loss, found ${loss} at step ${step}`
  const runs = [...batch.runs()]
  const byGradient = inGradient && learner.shape.kind === 'linear'
  const factors = byGradient ? scoreGradients(run) : weightFactors(run)
  const part = largestPart(runs, memory.views, encoding.layout, factors)
  if (part === undefined) return new DivergedError(found, slower(options), { step })
  const at = runs.find(({ rows, count }) => part.row >= rows && part.row < rows + count * strideBytes(run))!
  const { column, value } = describePart(schema, part)
  const times = byGradient
    ? `times ${part.factor}, the gradient of its row's score, it is the largest part of the gradient`
    : `times its weight, ${part.factor}, it is the largest part of a score`
  return new DivergedError(
    `${found}: ${value}; ${times}; the row is one of ${rangeOf(at)}`,
    `${slower(options)}; to leave the column out: --ignore ${JSON.stringify(column)}`,
    { ...placeOf(at), column, step },
  )
}

/** w; in a network, whose scores do not belong to one feature, that of the first layer which is the largest. */
function weightFactors({ learner: { parameters, shape } }: Run): Factors {
  if (shape.kind === 'network') return firstLayerFactors(parameters, shape)
  const { outputs, w, v, denseWords } = shape
  return {
    outputs,
    dense: (k, feature) => parameters[w + k * denseWords + feature]!,
    category: (k, index) => parameters[v + index * outputs + k]!,
  }
}

function firstLayerFactors(parameters: Float32Array, shape: NetworkShape): Factors {
  const { v, categoryWidth, dense } = shape
  const { w, outputWords } = shape.layers[0]!
  const ofFeature = Array.from({ length: dense }, (_, i) =>
    largestOf(parameters, w + i * outputWords, outputWords),
  )
  return {
    outputs: 1,
    dense: (_k, feature) => ofFeature[feature]!,
    category: (_k, index) => largestOf(parameters, v + index * categoryWidth, categoryWidth),
  }
}

/** The number with the largest size; one that is not finite is larger than all others. */
function largestOf(vector: Float32Array, from: number, count: number): number {
  let largest = 0
  for (let i = from; i < from + count; i++) {
    if (!Number.isFinite(vector[i])) return vector[i]!
    if (Math.abs(vector[i]!) > Math.abs(largest)) largest = vector[i]!
  }
  return largest
}

/** dz */
function scoreGradients({ learner: { plan }, memory }: Run): Factors {
  const { outputs } = plan
  const { f32 } = memory.views
  const ofRow = (k: number, row: number): number => f32[(plan.dz >>> 2) + row * outputs + k]!
  return { outputs, dense: (k, _feature, row) => ofRow(k, row), category: (k, _index, row) => ofRow(k, row) }
}

/** Throws where the last update of an epoch, which no loss shows any more, has left weights that are not finite. */
export function checkWeights({ learner, options }: Run, weights: Float32Array): void {
  // A loop, because findIndex calls a function for each of what may be millions of weights.
  let at = 0
  while (at < weights.length && Number.isFinite(weights[at]!)) at++
  if (at === weights.length) return
  const found = `expected finite weights after step ${learner.step}, found ${weights[at]}`
  throw new DivergedError(found, slower(options), { step: learner.step })
}

function slower({ learningRate, standardize }: Run['options']): string {
  const standardized = standardize ? '' : ', or standardised numbers (without --no-standardize)'
  return `try a lower learning rate (--learning-rate; it is ${learningRate})${standardized}`
}

function strideBytes({ encoding }: Run): number {
  return encoding.layout.strideWords * 4
}

/** The column of a feature, and its value as the file has it. */
function describePart(schema: Schema, { feature, value }: Part): { column: string; value: string } {
  if ('slot' in feature) {
    const column = featureColumns(schema).categories[feature.slot]!.name
    return { column, value: `a category of ${JSON.stringify(column)} is at fault` }
  }
  const { column, part, scaling } = denseFeatures(schema)[feature.dense]!
  const name = JSON.stringify(column) + (part === undefined ? '' : ` (${part})`)
  const given = scaling === undefined ? 'missing' : `${value * scaling.scale + scaling.mean}`
  return { column, value: `${name} is ${given}, encoded as ${value}` }
}

/** `100 in bytes 4096 … 8191 of a.csv` */
function rangeOf({ block: { origin, cached }, count }: BatchRun): string {
  if (cached === true) return `${count} of a block that was read in the first epoch`
  return `${count} in bytes ${origin.offset} … ${origin.offset + origin.bytes - 1} of ${origin.file}`
}

function placeOf({ block: { origin, cached } }: BatchRun): Place {
  if (cached === true) return {}
  const { file, descriptor, offset } = origin
  const line = origin.line ?? (descriptor === undefined ? undefined : lineAt(descriptor, offset))
  return { file, byte: offset, ...(line === undefined ? {} : { line }) }
}
