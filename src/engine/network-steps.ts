import type { Kernel } from '../../workers/kernel.js'
import { Word } from '../../workers/layout.js'
import type { ModelPlan, NetworkPlan } from '../../workers/protocol.js'
import { activations } from '../activation/index.js'
import type { ModelSteps } from './steps.js'

/**
 * Forward and backprop of a network, as the kernel computes them. Their twins: step/network-forward.ts and
 * step/network-backprop.ts. Scores and activations of one piece of a run, up to NetworkPlan.rowsAtOnce rows, lie in
 * `scratch`, which no other task uses; backprop finds what forward left there.
 */
export function networkSteps(
  kernel: Kernel,
  plan: ModelPlan,
  network: NetworkPlan,
  scratch: number,
): ModelSteps {
  const { stride } = plan
  const { layers, embedding } = network
  const activation = activations[network.activation].kernel
  const last = layers.length - 1
  const slots = categorySlots(plan)

  /** Where layer i finds its inputs, and the words from one row to the next. */
  const inputOf = (i: number, rows: number): [x: number, ldx: number] => {
    if (i > 0) return [scratch + layers[i - 1]!.activated, layers[i - 1]!.outputWords]
    return embedding > 0 ? [scratch + network.embedded, layers[0]!.inputs] : [rows, stride / 4]
  }

  const embed = (rows: number, count: number): void => {
    const [x, ldx] = inputOf(0, rows)
    kernel.copyDense(rows, stride, count, plan.denseWords, x, ldx)
    slots.forEach(({ slotWord, factorWord }, c) => {
      const part = x + (plan.denseWords + c * embedding) * 4
      kernel.addCategory(rows, stride, count, slotWord, factorWord, embedding, plan.v, part, ldx)
    })
  }

  return {
    forward(rows, count, z) {
      if (embedding > 0) embed(rows, count)
      layers.forEach((layer, i) => {
        const { w, bias, inputs, outputs, outputWords } = layer
        const [x, ldx] = inputOf(i, rows)
        const [scores, ldz] = i === last ? [z, outputs] : [scratch + layer.scores, outputWords]
        kernel.matrixForward(x, ldx, w, outputWords, bias, scores, ldz, count, inputs, outputs)
        if (i === 0 && embedding === 0) {
          for (const { slotWord, factorWord } of slots) {
            kernel.addCategory(rows, stride, count, slotWord, factorWord, outputWords, plan.v, scores, ldz)
          }
        }
        if (i === last) return
        const activated = scratch + layer.activated
        kernel[activation.forward](scores, activated, count * outputWords)
      })
    },
    backprop(rows, count, dz, partial, first) {
      let slopes = dz
      let ld = plan.outputs
      for (let i = last; i >= 0; i--) {
        const { w, inputs, outputs, outputWords, wWord, biasWord } = layers[i]!
        const [x, ldx] = inputOf(i, rows)
        const dw = partial + wWord * 4
        const db = partial + biasWord * 4
        kernel.matrixBackpropWeights(x, ldx, slopes, ld, dw, outputWords, db, count, inputs, outputs)
        if (i === 0) break
        const before = layers[i - 1]!
        const words = count * before.outputWords
        // The slopes of the first layer's scores are those of the categories too: they are kept for the mini-batch.
        const direct = i === 1 && embedding === 0 && slots.length > 0
        const down = direct
          ? network.categoryGradients + first * before.outputWords * 4
          : scratch + before.slopes
        kernel.matrixBackpropInput(
          slopes,
          ld,
          w,
          outputWords,
          down,
          before.outputWords,
          count,
          inputs,
          outputs,
        )
        const scores = scratch + before.scores
        kernel[activation.gradient](scores, scratch + before.activated, down, down, words)
        slopes = down
        ld = before.outputWords
      }
      if (embedding === 0) return
      const { w, outputs, outputWords } = layers[0]!
      slots.forEach((_, c) => {
        const rowsOfW = w + (plan.denseWords + c * embedding) * outputWords * 4
        const dx = network.categoryGradients + (c * network.batchRows + first) * embedding * 4
        kernel.matrixBackpropInput(slopes, ld, rowsOfW, outputWords, dx, embedding, count, embedding, outputs)
      })
    },
  }
}

/** Every category slot of a row by its word, and the word of the dense feature that multiplies it, or Word.None. */
export function categorySlots({ denseWords, plainCategories, scaledSlots }: ModelPlan) {
  const plain = Array.from({ length: plainCategories }, (_, c) => ({
    slotWord: denseWords + c,
    factorWord: Word.None as number,
  }))
  return [...plain, ...scaledSlots]
}
