import { afterAll, expect, it } from 'vitest'
import type { LinearModel } from '../../src/model/model.js'
import { expectAgreement } from './agreement.js'
import { chance, linearExample, exampleRows } from './examples.js'
import { closePostgres, runJs, runOnnx, runPostgres, runSqlite } from './formats.js'

afterAll(closePostgres)

const VALUES = 65_536

/** As many values as a column has at most by default. */
function largeModel(): LinearModel {
  const model = linearExample('squared', { dates: false, buckets: 'none' }, 1)
  const values = Array.from({ length: VALUES }, (_, i) => `value ${i}`).sort()
  const columns = model.schema.columns.map((column) =>
    column.name === 'prediction' ? { ...column, values } : column,
  )
  const schema = { ...model.schema, columns, interactions: [] }
  const indices = 9 + VALUES + 1
  return { ...model, schema, categoryWeights: Float32Array.from({ length: indices }, chance(2)) }
}

it.each([
  ['onnx', runOnnx],
  ['js', runJs],
  ['SQLite', runSqlite],
  ['PostgreSQL', runPostgres],
])('a vocabulary of 65,536 values works in %s', async (_, run) => {
  const rows = exampleRows(200, 3).map((row, i) => ({
    ...row,
    prediction: i % 7 === 0 ? 'unseen' : `value ${i * 300}`,
  }))
  await expectAgreement(largeModel(), rows, run)
})

it('a SELECT over many columns is no deeper than SQLite allows', async () => {
  const model = linearExample('squared', { dates: false, buckets: 'none' }, 1)
  const count = 1500
  const number = { kind: 'number', mean: 0, scale: 1, fill: 0, indicator: false, limit: null } as const
  const columns = Array.from({ length: count }, (_, i) => ({ ...number, name: `n${i}` }))
  const schema = {
    ...model.schema,
    columns: [...columns, { kind: 'target' as const, name: 'what' }],
    interactions: [],
  }
  const weights = Float32Array.from({ length: count }, chance(4))
  const wide = { ...model, schema, weights, categoryWeights: new Float32Array(0) }
  const next = chance(5)
  const rows = [0, 1].map(() => Object.fromEntries(columns.map(({ name }) => [name, String(next())])))
  await expectAgreement(wide, rows, runSqlite)
  expect(rows).toHaveLength(2)
})
