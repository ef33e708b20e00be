/** Runs exported models where they are meant to run: in ONNX Runtime, as a JavaScript module, in SQLite and PostgreSQL. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import sqlite from 'node-sqlite3-wasm'
import * as ort from 'onnxruntime-web'
import { exportModel } from '../../src/export/index.js'
import type { TrainedModel } from '../../src/model/model.js'
import { asModel } from '../../src/predicting/node-model.js'
import type { Prediction } from '../../src/portable/prediction.js'
import { parseDate } from '../../src/schema/dates.js'
import { decimal } from '../../src/schema/decimal.js'

/** Texts of the fields of a row by column. */
export type Row = Readonly<Record<string, string>>
export type Run = (model: TrainedModel, rows: readonly Row[]) => Promise<Prediction[]>

ort.env.wasm.numThreads = 1
ort.env.logLevel = 'error'

/** Whether a text means "missing". */
export function missingIn({ schema }: TrainedModel): (text: string) => boolean {
  const tokens = new Set(['', ...schema.dialect.missingTokens])
  return (text) => tokens.has(text.replace(/^[ \t]+|[ \t]+$/g, ''))
}

/** Columns whose input has another name. */
const renamed = new Set(['', '__proto__', 'prediction', 'probabilities', 'score'])

/** Numbers and dates go in as f64, NaN where they are missing; everything else as text. */
export const runOnnx: Run = async (model, rows) => {
  const session = await ort.InferenceSession.create(exportModel(model, { format: 'onnx' }))
  const isMissing = missingIn(model)
  const mark = model.schema.dialect.decimal
  const feeds: Record<string, ort.Tensor> = {}
  for (const { kind, name } of model.schema.columns) {
    const texts = rows.map((row) => row[name]!)
    const input = renamed.has(name) ? `input_${name}` : name
    const numbers = (numberOf: (text: string) => number): ort.Tensor => {
      const values = texts.map((text) => (isMissing(text) ? NaN : numberOf(text)))
      return new ort.Tensor('float64', Float64Array.from(values), [rows.length, 1])
    }
    if (kind === 'number') feeds[input] = numbers((text) => decimal(text, mark))
    else if (kind === 'date') feeds[input] = numbers((text) => parseDate(text, decimal(text, mark))![4])
    else if (kind === 'boolean' || kind === 'category')
      feeds[input] = new ort.Tensor('string', texts, [rows.length, 1])
  }
  const { prediction, probabilities, score } = await session.run(feeds)
  await session.release()
  const { target } = model.schema
  return rows.map((_, i): Prediction => {
    const predicted = { prediction: prediction!.data[i] as number | string }
    if (score !== undefined) return { ...predicted, score: score.data[i] as number }
    if (probabilities === undefined || target.kind === 'number') return predicted
    const { classes } = target
    return {
      ...predicted,
      probabilities: Object.fromEntries(
        classes.map((name, k) => [name, probabilities.data[i * classes.length + k] as number]),
      ),
    }
  })
}

let modules = 0

/** The texts themselves are what a row holds. */
export const runJs: Run = async (model, rows) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-export-'))
  try {
    const file = path.join(folder, `model-${modules++}.mjs`)
    writeFileSync(file, exportModel(model, { format: 'js' }))
    const { predict } = (await import(pathToFileURL(file).href)) as { predict: (row: Row) => Prediction }
    return rows.map((row) => predict(row))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface JsonModel {
  loss: TrainedModel['loss']
  tensors: Record<string, { shape: number[]; values: number[] | number[][] }>
  [field: string]: unknown
}

/** Reads the document back into a model: all that predicting needs is in it. */
export function modelOfJson(text: string): TrainedModel {
  const { millrace, features, tensors, ...facts } = JSON.parse(text) as JsonModel
  if (millrace !== '1' || features === undefined) throw new Error('the document is not complete')
  const tensor = (name: string): Float32Array | undefined => {
    return tensors[name] && Float32Array.from(tensors[name].values.flat())
  }
  const categoryWeights = tensor('category_weights')!
  const { quote, comment, ...dialect } = (facts['schema'] as { dialect: Record<string, unknown> }).dialect
  const interactions = (facts['schema'] as { interactions: { columns: [string, string] }[] }).interactions
  const schema = {
    ...(facts['schema'] as object),
    dialect: { ...dialect, quote: quote ?? undefined, comment: comment ?? undefined },
    interactions: interactions.map((each) => ({
      kind: 'interaction',
      name: each.columns.join(':'),
      ...each,
    })),
  }
  const bias = tensor('bias')
  if (bias !== undefined) {
    return {
      ...facts,
      schema,
      outputs: bias.length,
      weights: tensor('weights')!,
      bias,
      categoryWeights,
    } as never
  }
  const layers = []
  for (let i = 0; tensors[`layer_${i}.bias`] !== undefined; i++) {
    const parts = ['weights', 'bias', 'gain', 'shift'].map(
      (part) => [part, tensor(`layer_${i}.${part}`)] as const,
    )
    layers.push(Object.fromEntries(parts.filter(([, values]) => values !== undefined)))
  }
  const outputs = (layers.at(-1) as { bias: Float32Array }).bias.length
  return { ...facts, schema, outputs, layers, categoryWeights } as never
}

export const runJson: Run = async (model, rows) => {
  return asModel(modelOfJson(exportModel(model, { format: 'json' }))).predict([...rows])
}

/** Name of a column that no model has: the number of the row. */
const ROW = 'number of the row'

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Columns of the table: numbers as such, all else as text. */
function tableOf(model: TrainedModel, rows: readonly Row[]) {
  const isMissing = missingIn(model)
  const columns = model.schema.columns.filter(
    ({ kind }) => kind !== 'target' && kind !== 'weight' && kind !== 'ignored',
  )
  const types = columns.map(({ kind }) => (kind === 'number' ? 'DOUBLE PRECISION' : 'TEXT'))
  const create = [`${quoted(ROW)} INTEGER`, ...columns.map(({ name }, i) => `${quoted(name)} ${types[i]}`)]
  const values = rows.map((row, i) => [
    i,
    ...columns.map(({ kind, name }) => {
      const text = row[name]!
      // An empty text stays one where the column is text, and every second one is NULL.
      if (kind !== 'number') return text === '' && i % 2 === 0 ? null : text
      return isMissing(text) ? null : decimal(text, model.schema.dialect.decimal)
    }),
  ])
  return { create: create.join(', '), values }
}

function predictionsOf(model: TrainedModel, records: Record<string, unknown>[]): Prediction[] {
  const { target } = model.schema
  const sorted = records.sort((a, b) => Number(a[ROW]) - Number(b[ROW]))
  return sorted.map((record): Prediction => {
    const prediction = record['prediction'] as number | string
    if (target.kind === 'number') return { prediction }
    if (model.loss.endsWith('hinge')) return { prediction, score: record['score'] as number }
    const ofClass = target.classes.map((name) => [name, record[`probability_${name}`] as number] as const)
    return { prediction, probabilities: Object.fromEntries(ofClass) }
  })
}

export const runSqlite: Run = async (model, rows) => {
  const { create, values } = tableOf(model, rows)
  const database = new sqlite.Database()
  try {
    database.exec(`CREATE TABLE "the rows" (${create}); BEGIN`)
    const insert = database.prepare(`INSERT INTO "the rows" VALUES (${values[0]!.map(() => '?').join(', ')})`)
    for (const row of values) insert.run(row)
    insert.finalize()
    database.exec('COMMIT')
    return predictionsOf(model, database.all(exportModel(model, { format: 'sql', table: 'the rows' })))
  } finally {
    database.close()
  }
}

let postgres: Promise<PGlite> | undefined

/** One server for all: it takes a second to start. */
export const runPostgres: Run = async (model, rows) => {
  postgres ??= PGlite.create()
  const server = await postgres
  const { create, values } = tableOf(model, rows)
  await server.exec(`DROP SCHEMA IF EXISTS of CASCADE; CREATE SCHEMA of; CREATE TABLE of."rows" (${create})`)
  const places = values[0]!.map((_, i) => `$${i + 1}`).join(', ')
  await server.transaction(async (transaction) => {
    for (const row of values) await transaction.query(`INSERT INTO of."rows" VALUES (${places})`, row)
  })
  const { rows: records } = await server.query(exportModel(model, { format: 'sql', table: 'of.rows' }))
  return predictionsOf(model, records as Record<string, unknown>[])
}

export async function closePostgres(): Promise<void> {
  await (await postgres)?.close()
}
