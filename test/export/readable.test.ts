import { expect, it } from 'vitest'
import { exportModel } from '../../src/export/index.js'
import type { LinearModel } from '../../src/model/model.js'
import { exampleModel } from '../artifact/example.js'

/** delay = 5 + 0.5·hour + (origin: JFK 2, SFO −1) in minutes, by hand: hour has the scale 4, the target 10. */
const model: LinearModel = {
  ...exampleModel(),
  loss: 'squared',
  outputs: 1,
  schema: {
    dialect: { ...exampleModel().schema.dialect, missingTokens: ['NA'] },
    columns: [
      { kind: 'number', name: 'hour', mean: 12, scale: 4, fill: 0, indicator: false, limit: null },
      { kind: 'category', name: 'origin', values: ['JFK', 'SFO'], buckets: 0 },
      { kind: 'target', name: 'delay' },
    ],
    interactions: [],
    target: { kind: 'number', name: 'delay', mean: 3, scale: 10 },
  },
  weights: Float32Array.of(0.25),
  bias: Float32Array.of(0.5),
  categoryWeights: Float32Array.of(0.125, -0.25, 0),
}

it('a linear model is an equation in the units of the data', () => {
  const text = exportModel(model, { format: 'js' })
  expect(text.slice(text.indexOf('export function'), text.indexOf('/**')))
    .toBe(`export function predict(row) {
  let score = 8 // bias

  const hour = number(row, "hour")
  if (hour === undefined) score += 0
  else score += 0.625 * (hour - 12)

  const origin = value(row, "origin")
  score += origin === undefined ? 0 : (weights_of_origin.get(origin) ?? 0)

  return { prediction: score }
}

// "origin"
const weights_of_origin = new Map([
  ["JFK", 1.25],
  ["SFO", -2.5],
])

const missingTexts = new Set(["", "NA"])

`)
})

it('and so is its query', () => {
  expect(exportModel(model, { format: 'sql', table: 'flights' }))
    .toBe(`-- Predicts "delay" for the rows of "flights": a linear model, trained
-- with the loss squared. NULL is a missing value. Standard SQL, for SQLite and PostgreSQL.
SELECT
  scored.*,
  scored."score" AS "prediction"
FROM (
  SELECT
    t.*,
    CAST(8.0 AS DOUBLE PRECISION)
      + CASE WHEN t."hour" IS NULL OR TRIM(CAST(t."hour" AS VARCHAR) || '') IN ('', 'NA') THEN 0.0 ELSE 0.625 * (CAST(t."hour" AS DOUBLE PRECISION) - 12.0) END
      + CASE WHEN t."origin" IS NULL OR TRIM(CAST(t."origin" AS VARCHAR) || '') IN ('', 'NA') THEN 0.0 WHEN CAST(t."origin" AS VARCHAR) || '' = 'JFK' THEN 1.25 WHEN CAST(t."origin" AS VARCHAR) || '' = 'SFO' THEN -2.5 ELSE 0.0 END AS "score"
  FROM "flights" AS t
) AS scored
`)
})

it('what no format can hold is said so', () => {
  const column = (name: string) => ({ ...model.schema.columns[0]!, name })
  const named = (name: string): LinearModel => ({
    ...model,
    schema: { ...model.schema, columns: [column(name), ...model.schema.columns.slice(1)] },
  })
  expect(() => exportModel(named('a\0b'), { format: 'sql' })).toThrow('has a character that SQL cannot hold')
  expect(() => exportModel(model, { format: 'sql', table: 'a..b' })).toThrow(
    'expected a name, or schema.name',
  )
})
