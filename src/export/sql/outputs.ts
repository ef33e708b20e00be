import { lossFacts } from '../../loss/index.js'
import type { LinearModel } from '../../model/model.js'
import { exactNumber, identifier, literal } from './text.js'

/** e^±700 is within what a double holds; PostgreSQL takes more, and less, for an error. */
const LARGEST_EXPONENT = '700.0'

/** Names of the columns of scores, none of which a column of the data has. */
export function scoreNames({ schema }: LinearModel): string[] {
  const taken = new Set(schema.columns.map(({ name }) => name.toLowerCase()))
  const free = (name: string): string => (taken.has(name.toLowerCase()) ? free(`${name}_`) : name)
  const { target } = schema
  return target.kind === 'classes' ? target.classes.map((name) => free(`score_${name}`)) : [free('score')]
}

/** The columns behind the scores: `prediction`, and for classes `probability_<class>`. */
export function outputColumns(
  { schema: { target }, loss }: LinearModel,
  scores: readonly string[],
): string[] {
  const [score] = scores.map((name) => `scored.${identifier(name)}`) as [string]
  const { kernel, metrics } = lossFacts(loss)
  if (target.kind === 'number') {
    if (kernel.predict !== 'predictMean') return [named(score, 'prediction')]
    const power = `EXP(${held(score, '30.0')})`
    const prediction = `${power} * ${exactNumber(target.scale)}${target.mean === 0 ? '' : ` + ${exactNumber(target.mean)}`}`
    return [named(prediction, 'prediction')]
  }
  if (target.kind === 'classes')
    return classColumns(
      target.classes,
      scores.map((name) => `scored.${identifier(name)}`),
    )
  const [first, second] = target.classes as [string, string]
  const prediction = `CASE WHEN ${score} > 0.0 THEN ${literal(second)} WHEN ${score} <= 0.0 THEN ${literal(first)} END`
  if (metrics === 'score') return [named(prediction, 'prediction')]
  return [
    named(prediction, 'prediction'),
    named(`1.0 / (1.0 + EXP(${held(score)}))`, `probability_${first}`),
    named(`1.0 / (1.0 + EXP(-(${held(score)})))`, `probability_${second}`),
  ]
}

/** p[k] = 1 / Σ_j e^(z[j] − z[k]) */
function classColumns(classes: readonly string[], scores: readonly string[]): string[] {
  const best = scores.map((score, k) => {
    const others = scores.flatMap((other, j) => (j === k ? [] : [`${score} ${j < k ? '>' : '>='} ${other}`]))
    return `WHEN ${others.join(' AND ')} THEN ${literal(classes[k]!)}`
  })
  const probabilities = scores.map((score, k) => {
    const powers = scores.map((other, j) => (j === k ? '1.0' : `EXP(${held(`(${other} - ${score})`)})`))
    return named(`1.0 / (${powers.join(' + ')})`, `probability_${classes[k]!}`)
  })
  return [named(`CASE ${best.join('\n    ')} END`, 'prediction'), ...probabilities]
}

/** Within ±most; NULL stays NULL. */
function held(score: string, most = LARGEST_EXPONENT): string {
  return `CASE WHEN ${score} > ${most} THEN ${most} WHEN ${score} < -${most} THEN -${most} ELSE ${score} END`
}

function named(expression: string, name: string): string {
  return `  ${expression} AS ${identifier(name)}`
}
