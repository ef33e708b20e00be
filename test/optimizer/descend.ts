/** Optimizers and penalties on gradients that are given, without a model. */
import { noPenalties, type Optimizer, type Penalties } from '../../src/optimizer/index.js'
import { descent } from '../../src/step/descent.js'
import { update } from '../../src/step/update.js'

export interface Given {
  learningRate: number
  penalties?: Penalties
  /** Where the range is cut into calls. Default: nowhere. */
  cuts?: readonly number[]
  /** Default: 0. */
  start?: Float32Array
}

/** Steps 4 and 5 for the gradients of some steps: change and weights after each step, and the state at the end. */
export function takeSteps(optimizer: Optimizer, gradients: readonly Float32Array[], given: Given) {
  const { learningRate, penalties = noPenalties, cuts = [], start } = given
  const size = gradients[0]!.length
  const weights = start?.slice() ?? new Float32Array(size)
  const state = optimizer.state.map(({ initial }) => new Float32Array(size).fill(initial))
  const edges = [0, ...cuts.map((cut) => cut % (size + 1)).sort((a, b) => a - b), size]
  const path: Float32Array[] = []
  const changes = gradients.map((given, t) => {
    const gradient = given.slice()
    const change = new Float32Array(size)
    for (let piece = 1; piece < edges.length; piece++) {
      const [from, to] = [edges[piece - 1]!, edges[piece]!]
      descent(optimizer, { weights, gradient, state, change, from, to, learningRate, step: t + 1, penalties })
    }
    update(weights, change, 0, size)
    path.push(weights.slice())
    return change
  })
  return { changes, path, weights, state }
}
