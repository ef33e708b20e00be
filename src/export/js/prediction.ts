import { lossFacts } from '../../loss/index.js'
import type { TrainedModel } from '../../model/model.js'
import { datePartNames } from '../../schema/dates.js'
import { isNumber } from '../../schema/schema.js'
import type { FunctionName } from './functions.js'
import { quoted } from './text.js'

/** What a module does with the scores of a row. */
export interface PredictionSource {
  /** Lines of a function body that end with its return; `score` is the score, or `scores` are those of the classes. */
  readonly lines: readonly string[]
  readonly needs: readonly FunctionName[]
}

/** `inUnits`: whether the scores are in the units of the target already. */
export function predictionSource(model: TrainedModel, inUnits: boolean): PredictionSource {
  const { target } = model.schema
  const { metrics, kernel } = lossFacts(model.loss)
  if (target.kind === 'number') {
    const { mean, scale } = target
    if (kernel.predict === 'predictMean') {
      const power = 'Math.exp(between(-30, score, 30))'
      return { lines: [`return { prediction: ${scaled(power, scale, mean)} }`], needs: ['between'] }
    }
    return {
      lines: [`return { prediction: ${inUnits ? 'score' : scaled('score', scale, mean)} }`],
      needs: [],
    }
  }
  const names = target.classes.map(quoted)
  if (target.kind === 'classes') {
    return {
      lines: [
        `const classes = [${names.join(', ')}]`,
        'const probabilities = softmax(scores)',
        'const prediction = classes[probabilities.indexOf(Math.max(...probabilities))]',
        'return { prediction, probabilities: Object.fromEntries(classes.map((name, k) => [name, probabilities[k]])) }',
      ],
      needs: ['softmax'],
    }
  }
  const [first, second] = names as [string, string]
  if (metrics === 'score')
    return { lines: [`return { prediction: score > 0 ? ${second} : ${first}, score }`], needs: [] }
  return {
    lines: [
      'const p = sigmoid(score)',
      `const probabilities = Object.fromEntries([[${first}, 1 - p], [${second}, p]])`,
      `return { prediction: p > 0.5 ? ${second} : ${first}, probabilities }`,
    ],
    needs: ['sigmoid'],
  }
}

function scaled(score: string, scale: number, mean: number): string {
  const product = scale === 1 ? score : `${score} * ${scale}`
  return mean === 0 ? product : `${mean} + ${product}`
}

/** Comment lines that say what the module is, and what a row holds. */
export function headLines(model: TrainedModel, what: string): string[] {
  const { schema, loss, provenance } = model
  const { target } = schema
  const kinds = schema.columns.flatMap((column) => {
    if (isNumber(column) || column.kind === 'category') return [`${quoted(column.name)}: ${column.kind}`]
    if (column.kind === 'date') return [`${quoted(column.name)}: date (${datePartNames.join(', ')})`]
    return []
  })
  return [
    `// Predicts ${quoted(target.name)}: ${what}, trained with the loss "${loss}" by millrace ${quoted(provenance.version).slice(1, -1)}.`,
    '// It needs nothing else: import { predict } from this file. A row is an object with these keys; what is not known is null.',
    '//',
    ...kinds.map((kind) => `//   ${kind}`),
  ]
}
