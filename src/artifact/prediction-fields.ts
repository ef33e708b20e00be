import { LineOp } from '../../workers/layout.js'
import { unitsOf } from '../predicting/explanation.js'
import { lossFacts } from '../loss/index.js'
import type { TrainedModel } from '../model/index.js'

/** A field of the output: its name, and what is written in it. */
export interface OutputField {
  readonly name: string
  readonly op: LineOp
  /** As LinePart.Word. */
  readonly word: number
  /** What is written is the nearest f32 of value · factor + offset. */
  readonly factor: number
  readonly offset: number
}

function field(name: string, op: LineOp, word = 0, factor = 1, offset = 0): OutputField {
  return { name, op, word, factor, offset }
}

/** The kept columns, what is predicted, and, where `explained` names columns, the bias and what each of them contributes. */
export function outputFields(
  model: TrainedModel,
  keep: readonly string[],
  explained: readonly string[] | undefined,
): OutputField[] {
  const listed = [...new Set(keep)]
  return [
    ...keep.map((name) => field(name, LineOp.Field, listed.indexOf(name))),
    ...predictionFields(model),
    ...(explained === undefined ? [] : contributionFields(model, explained)),
  ]
}

function predictionFields({ schema: { target }, loss, outputs }: TrainedModel): OutputField[] {
  if (target.kind === 'number') return [field('prediction', LineOp.Prediction, 0, target.scale, target.mean)]
  const prediction = field('prediction', LineOp.Class)
  if (lossFacts(loss).metrics === 'score') return [prediction, field('score', LineOp.Prediction)]
  const probability = (k: number): OutputField => {
    const name = `probability_${target.classes[k]!}`
    if (outputs > 1) return field(name, LineOp.Prediction, k)
    // What is predicted is the probability of the second one.
    return k === 1 ? field(name, LineOp.Prediction) : field(name, LineOp.Prediction, 0, -1, 1)
  }
  return [prediction, ...target.classes.map((_, k) => probability(k))]
}

function contributionFields(model: TrainedModel, explained: readonly string[]): OutputField[] {
  const { scale, offset } = unitsOf(model)
  return [
    field('bias', LineOp.Contribution, 0, scale, offset),
    ...explained.map((name, i) => field(`contribution_${name}`, LineOp.Contribution, i + 1, scale)),
  ]
}
