/** Exported models on 10,000 real rows with missing values, categories that no training saw and quoted text. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fit, type Model } from '../../src/index.js'
import type { TrainOptions } from '../../src/options.js'
import { fieldsOf, realFlights, type Fields } from '../agreement/real-rows.js'
import { expectAgreement } from './agreement.js'
import { closePostgres, runJs, runOnnx, runPostgres, runSqlite } from './formats.js'

const ROWS = 10_000
/** PostgreSQL is compiled to WebAssembly here, and takes its rows one by one. */
const POSTGRES_ROWS = 1000

let training: Fields[]
let rows: Fields[]

beforeAll(async () => {
  training = (await realFlights(ROWS, 0)).map((flight, i) => fieldsOf(flight, i, false))
  rows = (await realFlights(ROWS, ROWS)).map((flight, i) => fieldsOf(flight, i, true))
})
afterAll(closePostgres)

const targets = ['delay', 'late', 'band', 'minutes', 'trip']

function trained(target: string, options: Partial<TrainOptions>): Promise<Model> {
  const ignore = ['id', ...targets.filter((name) => name !== target)]
  return fit({ input: training, target, ignore, workers: 1, numeric: 'hour', dates: 'date', ...options })
}

describe('sql', () => {
  const withoutDate = (target: string): Partial<TrainOptions> => ({
    ignore: ['id', 'date', ...targets.filter((name) => name !== target)],
    dates: [],
  })

  it.each([
    ['delay', { interactions: 'origin:destination,origin:distance' }],
    ['band', { interactions: 'long:origin' }],
    // One bucket: what is rare has one weight, which needs no hash.
    ['late', { maxCategories: 30, hashBits: 0, loss: 'hinge' as const }],
  ])('predicts %s with %j as the model does', async (target, options) => {
    const model = await trained(target, { ...withoutDate(target), ...options })
    await expectAgreement(model, rows, runSqlite)
    await expectAgreement(model, rows.slice(0, POSTGRES_ROWS), runPostgres)
  })
})

describe('onnx and js', () => {
  it.each([
    ['delay', { interactions: 'origin:destination,origin:distance' }],
    ['late', { hashBits: 10 }],
    ['late', { maxCategories: 20, hidden: '8,5', activation: 'gelu' as const, layerNorm: true }],
  ])('predict %s with %j as the model does', async (target, options) => {
    const model = await trained(target, options)
    for (const run of [runOnnx, runJs]) await expectAgreement(model, rows, run)
  })
})

it('has missing values, unseen categories and quotes to tell apart', () => {
  expect(rows.filter(({ origin }) => origin === ' null ').length).toBeGreaterThan(100)
  expect(rows.filter(({ destination }) => destination!.includes('"')).length).toBeGreaterThan(100)
})
