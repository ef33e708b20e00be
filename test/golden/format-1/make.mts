/**
 * Wrote the files of this folder, once, with millrace 0.1.0 (format 1): models and what that version predicted. They are not to be
 * written again: format-1.test.ts holds that every later version reads them and predicts the same bits.
 *
 *   npx tsx test/golden/format-1/make.mts
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fit, predict } from '../../../src/index.js'
import type { TrainOptions } from '../../../src/options.js'
import { csvOf, fieldsOf, realFlights } from '../../agreement/real-rows.js'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const ignore = (target: string): string[] => ['id', 'delay', 'late', 'band', 'minutes', 'trip'].filter((name) => name !== target)

const models: Readonly<Record<string, Omit<TrainOptions, 'input'>>> = {
  'linear-numbers': { target: 'delay', loss: 'huber', interactions: 'origin:destination,long:origin', dates: 'date' },
  'linear-classes': { target: 'band', dates: 'date', numeric: 'hour', maxCategories: 30 },
  'linear-shared-buckets': { target: 'late', hashBits: 9 },
  'linear-amounts': { target: 'minutes', loss: 'tweedie', standardize: false, learningRate: 1e-4 },
  'network-embeddings': { target: 'late', hidden: '6,4', activation: 'gelu', layerNorm: true, dates: 'date', maxCategories: 50 },
  'network-numbers': { target: 'delay', hidden: '5', activation: 'tanh', interactions: 'hour:origin', features: 'hour,long,origin' },
}

const flights = await realFlights(1000, 0)
writeFileSync(path('training.csv'), csvOf(flights.map((flight, i) => fieldsOf(flight, i, false))))
const rows = (await realFlights(200, 2000)).map((flight, i) => fieldsOf(flight, i, true))
writeFileSync(path('rows.csv'), csvOf(rows))
for (const [name, options] of Object.entries(models)) {
  const file = path(`${name}.safetensors`)
  const features = options.features === undefined ? { ignore: ignore(options.target) } : {}
  await fit({ ...options, ...features, input: path('training.csv'), epochs: 3, out: file })
  await predict({ model: file, input: path('rows.csv'), out: path(`${name}.csv`) })
  renameSync(file, path(`${name}.model`))
}
rmSync(path('training.csv'))
process.exit()
