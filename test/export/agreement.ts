import { expect } from 'vitest'
import { lossFacts } from '../../src/loss/index.js'
import type { TrainedModel } from '../../src/model/model.js'
import { asModel } from '../../src/predicting/node-model.js'
import type { Prediction } from '../../src/portable/prediction.js'
import { ROUNDING } from '../model-use.js'
import type { Row, Run } from './formats.js'

/** Relative to what is added up: what the formats promise. */
const PROMISED = 1e-5

/** How far f32 may be from the score of each row, in units of the score. */
function scoreErrors(model: TrainedModel, rows: readonly Row[]): number[] {
  const predictor = asModel(model)
  if (model.kind === 'network') return rows.map(() => PROMISED * 4)
  const scale = model.schema.target.kind === 'number' && !isLog(model) ? model.schema.target.scale : 1
  return rows.map((row) => {
    const { bias, contributions } = predictor.explain(row)
    const parts = [bias, ...Object.values(contributions)]
    const size = parts.reduce((sum, part) => sum + Math.abs(part), 0) / scale
    // Each of its terms is rounded when it is encoded, multiplied and added; a date has six in its part.
    return Math.max(PROMISED * size, 6 * (parts.length + 2) * ROUNDING * size)
  })
}

function isLog({ loss }: TrainedModel): boolean {
  return lossFacts(loss).kernel.predict === 'predictMean'
}

/**
 * Expects the predictions of a format to be those of the model: numbers within 1e-5 of the size of what was added up, classes
 * the same but where two are as probable.
 */
export async function expectAgreement(model: TrainedModel, rows: readonly Row[], run: Run): Promise<void> {
  const expected = asModel(model).predict([...rows])
  const found = await run(model, rows)
  expect(found).toHaveLength(rows.length)
  const errors = scoreErrors(model, rows)
  const faults = rows.flatMap((row, i) => {
    const agrees = isNear(model, expected[i]!, found[i]!, errors[i]!)
    return agrees ? [] : [{ row, expected: expected[i], found: found[i] }]
  })
  expect(faults.slice(0, 3)).toEqual([])
}

function isNear(model: TrainedModel, expected: Prediction, found: Prediction, error: number): boolean {
  const { target } = model.schema
  if (target.kind === 'number') {
    const [a, b] = [expected.prediction as number, found.prediction as number]
    // Of a logarithm the error is relative.
    const tolerance = isLog(model) ? a * (error + PROMISED) : target.scale * error + PROMISED * Math.abs(a)
    return Math.abs(a - b) <= tolerance
  }
  if (expected.score !== undefined) {
    const same = expected.prediction === found.prediction || Math.abs(expected.score) <= error
    return same && Math.abs(expected.score - found.score!) <= error
  }
  const { classes } = target
  const [p, q] = [expected, found].map(({ probabilities }) =>
    classes.map((name) => probabilities![name]!),
  ) as [number[], number[]]
  // d log p = dz − Σ p dz: twice the error of a score at most; 1 − p has that of the number 1.
  const near = p.every((value, k) => Math.abs(value - q[k]!) <= value * (2 * error + PROMISED) + 2 * ROUNDING)
  const [first = 0, second = 0] = [...p].sort((a, b) => b - a)
  return near && (expected.prediction === found.prediction || first - second <= 4 * (error + ROUNDING))
}
