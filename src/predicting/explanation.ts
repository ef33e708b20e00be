import { usageError } from '../errors.js'
import { lossFacts } from '../loss/index.js'
import type { LinearModel, TrainedModel } from '../model/model.js'
import type { RowLayout } from '../step/rows.js'
import { Contributions } from '../portable/contributions.js'
import { log } from '../numeric/log.js'
import type { EncodedRow } from '../portable/row-encoder.js'

/** What each column of a row adds to its score. */
export interface Explanation {
  /** What the score is without any column. */
  readonly bias: number
  /** By column, interactions by the names of both. */
  readonly contributions: Readonly<Record<string, number>>
  /** The class whose score it is; undefined for numbers. */
  readonly class: string | undefined
}

/**
 * The parts of the prediction of a linear model.
 *
 *     numbers   prediction = bias + Σ contributions                   log links (poisson, gamma, tweedie): log prediction
 *     classes   score = bias + Σ contributions                        of the second of two classes, or of the predicted one
 *
 * Throws a usage error for a network, whose columns do not add up.
 */
export function explainer(
  model: TrainedModel,
  layout: RowLayout,
): (row: EncodedRow, scores: Float32Array) => Explanation {
  mustBeLinear(model)
  const { schema, outputs } = model
  const { target } = schema
  const parts = new Contributions(schema, layout, { ...model, weightStride: layout.dense })
  const into = new Float32Array(parts.names.length + 1)
  const { scale, offset } = unitsOf(model)
  return ({ words, indices }, scores) => {
    const k = outputs === 1 ? 0 : scores.indexOf(Math.max(...scores))
    parts.ofRow(words, indices, 0, k, into)
    const inUnits = into.map((part, i) => part * scale + (i === 0 ? offset : 0))
    return {
      bias: inUnits[0]!,
      contributions: Object.fromEntries(parts.names.map((name, i) => [name, inUnits[i + 1]!])),
      class: target.kind === 'number' ? undefined : target.classes[outputs === 1 ? 1 : k],
    }
  }
}

/** Throws a usage error for a network. */
export function mustBeLinear(model: TrainedModel): asserts model is LinearModel {
  if (model.kind === 'linear') return
  const message = 'explain: expected a linear model, got a network, whose columns do not add up'
  throw usageError('OPTION_CONFLICT', message, 'train without --hidden to explain predictions', {
    option: 'explain',
  })
}

/** What a part of a score is multiplied by, and what is added to the bias, so that the parts add up to what is predicted. */
export function unitsOf({ loss, schema: { target } }: TrainedModel): { scale: number; offset: number } {
  if (target.kind !== 'number') return { scale: 1, offset: 0 }
  const isLog = lossFacts(loss).kernel.predict === 'predictMean'
  return isLog ? { scale: 1, offset: log(target.scale) } : { scale: target.scale, offset: target.mean }
}
