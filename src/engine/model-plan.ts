import type { ModelPlan } from '../../workers/protocol.js'
import type { ModelShape } from '../model/model-shape.js'
import { plainCategories, scaledSlots, type RowLayout } from '../step/rows.js'

/** Where workers find the parts of a row and the parameters, which begin at this address. */
export function modelPlan(layout: RowLayout, shape: ModelShape, parameters: number): ModelPlan {
  const at = (word: number): number => parameters + word * 4
  return {
    stride: layout.strideWords * 4,
    denseWords: layout.denseWords,
    plainCategories: plainCategories(layout),
    scaledSlots: scaledSlots(layout),
    outputs: shape.outputs,
    v: at(shape.v),
    model: { kind: 'linear', w: at(shape.w), bias: at(shape.bias), biasWord: shape.bias },
  }
}
