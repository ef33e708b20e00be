import type { LinearModel } from '../src/model/model.js'
import type { TrainOptions } from '../src/options.js'
import { fit as fitAny } from '../src/train.js'

/** Trains without hidden layers: the model is linear. */
export async function fit(options: TrainOptions): Promise<LinearModel> {
  return linear(await fitAny(options))
}

/** The model of a run without hidden layers. */
export function linear(model: { kind: string }): LinearModel {
  if (model.kind !== 'linear') throw new Error(`the test expects a linear model, got a ${model.kind}`)
  return model as LinearModel
}
