import type { Kernel } from '../../workers/kernel.js'
import { Word } from '../../workers/layout.js'
import type { LayerPlan, ModelPlan, NetworkPlan } from '../../workers/protocol.js'
import { activations } from '../activation/index.js'
import { Purpose, randomBits } from '../numeric/random.js'
import { dropoutSettings } from '../step/dropout.js'
import type { ModelSteps } from './steps.js'

/** Numbers of one row after the other: their address, and the words from one row to the next. */
interface Rows {
  readonly at: number
  readonly ld: number
}

/**
 * Forward and backprop of a network, as the kernel computes them. Their twins: step/network-forward.ts and
 * step/network-backprop.ts. Scores and activations of one piece of a run, up to ModelPlan.rowsAtOnce rows, lie in
 * `scratch`, which no other task uses; backprop finds what forward left there. Words of padding are never written: they
 * stay 0 in scores and slopes, so that no weight of theirs is learned.
 */
export function networkSteps(
  kernel: Kernel,
  plan: ModelPlan,
  network: NetworkPlan,
  scratch: number,
): ModelSteps {
  const { stride, denseWords, v } = plan
  const { layers, embedding } = network
  const last = layers.length - 1
  const first0 = layers[0]!
  const slots = categorySlots(plan)
  const hidden = hiddenSteps(kernel, network, scratch)

  const inputOf = (i: number, rows: number): Rows => {
    if (i > 0) return { at: scratch + layers[i - 1]!.activated, ld: layers[i - 1]!.outputWords }
    return embedding > 0
      ? { at: scratch + network.embedded, ld: first0.inputs }
      : { at: rows, ld: stride / 4 }
  }
  const embed = (rows: number, count: number): void => {
    const x = inputOf(0, rows)
    kernel.copyDense(rows, stride, count, denseWords, x.at, x.ld)
    slots.forEach(({ slotWord, factorWord }, c) => {
      const part = x.at + (denseWords + c * embedding) * 4
      kernel.addCategory(rows, stride, count, slotWord, factorWord, embedding, v, part, x.ld)
    })
  }
  const addCategories = (rows: number, count: number, z: Rows): void => {
    for (const { slotWord, factorWord } of slots) {
      kernel.addCategory(rows, stride, count, slotWord, factorWord, first0.outputWords, v, z.at, z.ld)
    }
  }
  const backpropEmbeddings = (count: number, first: number, dz: Rows): void => {
    const { w, outputs, outputWords } = first0
    slots.forEach((_, c) => {
      const rowsOfW = w + (denseWords + c * embedding) * outputWords * 4
      const dx = network.categoryGradients + (c * network.batchRows + first) * embedding * 4
      kernel.matrixBackpropInput(dz.at, dz.ld, rowsOfW, outputWords, dx, embedding, count, embedding, outputs)
    })
  }
  /** Where the slopes of a hidden layer's scores go: those of the first are the gradients of categories that add to it. */
  const slopesOf = (i: number, first: number): Rows => {
    const { slopes, outputWords } = layers[i]!
    const isShared = i === 0 && embedding === 0 && slots.length > 0
    const at = isShared ? network.categoryGradients + first * outputWords * 4 : scratch + slopes
    return { at, ld: outputWords }
  }

  return {
    begin: hidden.begin,
    forward(rows, count, z, first) {
      if (embedding > 0) embed(rows, count)
      layers.forEach((layer, i) => {
        const { w, bias, inputs, outputs, outputWords } = layer
        const x = inputOf(i, rows)
        const out = i === last ? { at: z, ld: outputs } : { at: scratch + layer.scores, ld: outputWords }
        kernel.matrixForward(x.at, x.ld, w, outputWords, bias, out.at, out.ld, count, inputs, outputs)
        if (i === 0 && embedding === 0) addCategories(rows, count, out)
        if (i < last) hidden.forward(layer, i, count, first)
      })
    },
    backprop(rows, count, dz, partial, first) {
      let slopes: Rows = { at: dz, ld: plan.outputs }
      for (let i = last; i >= 0; i--) {
        const { w, inputs, outputs, outputWords, wWord, biasWord } = layers[i]!
        const x = inputOf(i, rows)
        const [dw, db] = [partial + wWord * 4, partial + biasWord * 4]
        kernel.matrixBackpropWeights(
          x.at,
          x.ld,
          slopes.at,
          slopes.ld,
          dw,
          outputWords,
          db,
          count,
          inputs,
          outputs,
        )
        if (i === 0) break
        const down = slopesOf(i - 1, first)
        kernel.matrixBackpropInput(
          slopes.at,
          slopes.ld,
          w,
          outputWords,
          down.at,
          down.ld,
          count,
          inputs,
          outputs,
        )
        hidden.backprop(layers[i - 1]!, i - 1, count, first, down, partial)
        slopes = down
      }
      if (embedding > 0) backpropEmbeddings(count, first, slopes)
    },
  }
}

/** What follows the scores of a hidden layer: layer norm, activation, dropout. */
function hiddenSteps(kernel: Kernel, network: NetworkPlan, scratch: number) {
  const { forward, gradient } = activations[network.activation].kernel
  const { threshold, scale } = dropoutSettings(network.dropout)
  let step: number | undefined
  const drop = (at: number, { outputs, outputWords }: LayerPlan, i: number, count: number, first: number) => {
    if (threshold === 0 || step === undefined) return
    const key = randomBits(network.seed, Purpose.Dropout, step, i)
    kernel.dropout(at, outputWords, count, outputs, key, first, threshold, scale)
  }
  return {
    begin(stepsBefore: number): void {
      step = stepsBefore
    },
    forward(layer: LayerPlan, i: number, count: number, first: number): void {
      const { outputs: units, outputWords: ld, norm } = layer
      const [scores, normal, activated] = [
        scratch + layer.scores,
        scratch + layer.normal,
        scratch + layer.activated,
      ]
      if (norm !== undefined) {
        const { gain, shift, statistics } = norm
        kernel.layerNormForward(scores, ld, gain, shift, normal, ld, scratch + statistics, count, units)
      }
      kernel[forward](normal, activated, count * ld)
      drop(activated, layer, i, count, first)
    },
    /** `slopes`: those of the activations → those of the scores, in place. */
    backprop(layer: LayerPlan, i: number, count: number, first: number, slopes: Rows, partial: number): void {
      const { outputs: units, outputWords: ld, norm } = layer
      const [scores, normal, activated] = [
        scratch + layer.scores,
        scratch + layer.normal,
        scratch + layer.activated,
      ]
      drop(slopes.at, layer, i, count, first)
      // Activations as they were before some were left out: slopes are computed from them.
      if (threshold > 0) kernel[forward](normal, activated, count * ld)
      kernel[gradient](normal, activated, slopes.at, slopes.at, count * ld)
      if (norm === undefined) return
      kernel.layerNormBackprop(
        scores,
        ld,
        norm.gain,
        slopes.at,
        ld,
        slopes.at,
        ld,
        partial + norm.gainWord * 4,
        partial + norm.shiftWord * 4,
        scratch + norm.statistics,
        count,
        units,
      )
    },
  }
}

/** Every category slot of a row by its word, and the word of the dense feature that multiplies it, or Word.None. */
function categorySlots({ denseWords, plainCategories, scaledSlots }: ModelPlan) {
  const plain = Array.from({ length: plainCategories }, (_, c) => ({
    slotWord: denseWords + c,
    factorWord: Word.None,
  }))
  return [...plain, ...scaledSlots]
}
