import type { LayerPlan, ModelPlan, NetworkPlan } from '../../workers/protocol.js'
import type { ModelShape } from '../model/model-shape.js'
import type { LayerShape, NetworkShape } from '../model/network.js'
import { plainCategories, scaledSlots, type RowLayout } from '../step/rows.js'

/** Rows whose activations are kept at a time: enough to use each weight often, few enough for a core's own cache. */
const NETWORK_ROWS_AT_ONCE = 128

/** What a network needs besides its parameters where it is trained. */
export interface NetworkTraining {
  readonly dropout: number
  readonly seed: number
  readonly batchRows: number
  /** ptr, as NetworkPlan.categoryGradients. */
  readonly categoryGradients: number
}

const noTraining: NetworkTraining = { dropout: 0, seed: 0, batchRows: 0, categoryGradients: 0 }

/** Where workers find the parts of a row and the parameters, which begin at this address. */
export function modelPlan(
  layout: RowLayout,
  shape: ModelShape,
  parameters: number,
  training: NetworkTraining = noTraining,
): ModelPlan {
  const at = (word: number): number => parameters + word * 4
  return {
    stride: layout.strideWords * 4,
    denseWords: layout.denseWords,
    plainCategories: plainCategories(layout),
    scaledSlots: scaledSlots(layout),
    outputs: shape.outputs,
    v: at(shape.v),
    model:
      shape.kind === 'linear'
        ? { kind: 'linear', w: at(shape.w), bias: at(shape.bias), biasWord: shape.bias }
        : networkPlan(shape, parameters, training),
    rowsAtOnce: shape.kind === 'linear' ? 2 ** 31 : NETWORK_ROWS_AT_ONCE,
  }
}

function networkPlan(shape: NetworkShape, parameters: number, training: NetworkTraining): NetworkPlan {
  const { layers, settings } = shape
  let scratchBytes = 0
  const claim = (words: number): number => {
    const start = scratchBytes
    scratchBytes += words * 4 * NETWORK_ROWS_AT_ONCE
    return start
  }
  const embedded = claim(settings.embedding > 0 ? layers[0]!.inputs : 0)
  const plans = layers.map((layer, i) => layerPlan(layer, parameters, i === layers.length - 1, claim))
  const { activation, embedding } = settings
  return { kind: 'network', activation, embedding, layers: plans, embedded, scratchBytes, ...training }
}

function layerPlan(
  { inputs, outputs, outputWords, w, bias, gain, shift }: LayerShape,
  parameters: number,
  isLast: boolean,
  claim: (words: number) => number,
): LayerPlan {
  const at = (word: number): number => parameters + word * 4
  const words = isLast ? 0 : outputWords
  const norm =
    gain === undefined || shift === undefined
      ? undefined
      : { gain: at(gain), shift: at(shift), gainWord: gain, shiftWord: shift, statistics: claim(2) }
  const scores = claim(words)
  return {
    inputs,
    outputs,
    outputWords,
    w: at(w),
    bias: at(bias),
    wWord: w,
    biasWord: bias,
    norm,
    scores,
    normal: norm === undefined ? scores : claim(words),
    activated: claim(words),
    slopes: claim(words),
  }
}
