/** What a model has learned, in words and in the data's own units. */

import { printable } from '../errors.js'
import type { HeavyWeight } from '../inspect/heaviest-weights.js'
import { inputStrengths } from '../inspect/input-strengths.js'
import type { LossName } from '../loss/index.js'
import type { TrainedModel, NetworkModel } from '../model/index.js'
import type { TargetColumn } from '../schema/schema.js'
import { formatQuantity, formatSigned } from './format.js'
import { displayWidth, fit, pad, type Colors } from './terminal.js'

const MOST_LINES = 6
const WIDEST_NAME = 40

/** `heaviest`: of a linear model, the heaviest first. For a network, what it reads most. No lines where there is neither. */
export function learnedLines(
  model: TrainedModel,
  heaviest: readonly HeavyWeight[],
  colors: Colors,
): string[] {
  return model.kind === 'linear' ? weightLines(model, heaviest, colors) : strengthLines(model, colors)
}

function weightLines(
  { loss, schema }: Pick<TrainedModel, 'loss' | 'schema'>,
  heaviest: readonly HeavyWeight[],
  colors: Colors,
): string[] {
  const heavy = heaviest.slice(0, MOST_LINES)
  if (heavy.length === 0) return []
  const names = heavy.map((weight) => fit(weightName(weight), WIDEST_NAME))
  const widest = Math.max(...names.map(displayWidth))
  return [
    `what adds most to ${scoreName(loss, schema.target)}`,
    ...heavy.map((weight, i) => {
      const effect = formatSigned(weight.weight)
      const painted = weight.weight < 0 ? colors.red(effect) : colors.green(effect)
      return `${pad(names[i]!, widest)}  ${painted}${describeUnit(weight)}`
    }),
  ]
}

/** Of a number the list is sorted by its deviation: units differ between columns, and say nothing of the weight. */
function describeUnit({ weight, weightPerUnit }: HeavyWeight): string {
  if (weightPerUnit === undefined || weightPerUnit === 0) return ''
  const scale = weight / weightPerUnit
  return `  for ${formatQuantity(scale)} more, ${formatSigned(weightPerUnit)} for 1`
}

function strengthLines(model: NetworkModel, colors: Colors): string[] {
  const strengths = inputStrengths(model).slice(0, MOST_LINES)
  if (strengths.length === 0) return []
  const names = strengths.map(({ column }) => fit(printable(column), WIDEST_NAME))
  const widest = Math.max(...names.map(displayWidth))
  return [
    'what the first layer reads most',
    ...strengths.map(
      ({ strength }, i) => `${pad(names[i]!, widest)}  ${colors.cyan(formatQuantity(strength))}`,
    ),
  ]
}

/** `origin = ATL`, `day (hour)`, `distance (missing) → late` */
export function weightName({ column, part, value, class: name }: HeavyWeight): string {
  const of = part === undefined ? '' : ` (${part})`
  // `(missing)` and `(others, bucket 3)` are no values.
  const is = value === undefined ? '' : value.startsWith('(') ? ` ${value}` : ` = ${value}`
  return printable(`${column}${of}${is}${name === undefined ? '' : ` → ${name}`}`)
}

/** What the weights of a linear model add to: `the predicted price`, `the log-odds of late = yes`. */
export function scoreName(loss: LossName, target: TargetColumn): string {
  const name = printable(target.name)
  if (target.kind === 'number') {
    return target.range === undefined ? `the predicted ${name}` : `the logarithm of the predicted ${name}`
  }
  if (target.kind === 'classes') return `the score of ${name} (→ class)`
  const positive = `${name} = ${printable(target.classes[1] ?? '')}`
  return loss === 'logistic' ? `the log-odds of ${positive}` : `the score of ${positive}`
}
