/** What the tests of predict and evaluate share: files, a reader of CSV that is not ours, a model's scores in f64. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseString } from 'fast-csv'
import { afterAll } from 'vitest'
import type { LinearModel as Model } from '../src/model/index.js'
import { categoryCount, featureColumns } from '../src/schema/schema.js'

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return (name) => join(folder, name)
}

export type CsvRecord = Record<string, string>

/** Records by column name, as fast-csv reads them. */
export function readCsv(text: string): Promise<CsvRecord[]> {
  return new Promise((resolve, reject) => {
    const records: CsvRecord[] = []
    parseString<CsvRecord, CsvRecord>(text, { headers: true })
      .on('error', reject)
      .on('data', (record: CsvRecord) => records.push(record))
      .on('end', () => resolve(records))
  })
}

/** Half a unit in the last place of an f32 of size 1: the largest relative error of one rounding. */
export const ROUNDING = 2 ** -24

/** The K scores of a record by the model's tensors, in f64, and how far f32 may be from each. */
export function scoresOf(model: Model, record: CsvRecord): { score: number; error: number }[] {
  const { schema, outputs } = model
  const { numbers, categories } = featureColumns(schema)
  const missing = (text: string) => text === '' || schema.dialect.missingTokens.includes(text)
  const dense: number[] = []
  const numberOf = new Map<string, number>()
  for (const column of numbers) {
    if (column.kind !== 'number') throw new Error('the test reads numbers only')
    const { name, mean, scale, fill, indicator } = column
    const text = record[name]!
    const x = missing(text) ? fill : (Number(text) - mean) / scale
    dense.push(x)
    numberOf.set(name, x)
    if (indicator) dense.push(missing(text) ? 1 : 0)
  }
  let first = 0
  const slots = categories.map((column) => {
    const { name, values, buckets } = column
    const columns = column.kind === 'category' ? [name] : column.columns
    const texts = columns.filter((part) => !numberOf.has(part)).map((part) => record[part]!)
    const factor = columns.map((part) => numberOf.get(part)).find((x) => x !== undefined)
    const place = texts.some(missing) ? values.length + buckets : values.indexOf(texts.join('\x1f'))
    if (place < 0)
      throw new Error(`${texts.join()} is not in the vocabulary: the test does not know its bucket`)
    const index = first + place
    first += categoryCount(column)
    return { index, factor: factor ?? 1 }
  })
  return Array.from({ length: outputs }, (_, k) => {
    const terms = [
      model.bias[k]!,
      ...dense.map((x, d) => x * model.weights[k * dense.length + d]!),
      ...slots.map(({ index, factor }) => factor * model.categoryWeights[index * outputs + k]!),
    ]
    const score = terms.reduce((sum, term) => sum + term, 0)
    // Each of n terms is rounded when encoded and when multiplied, and their sum n times: n + 2 roundings of at most
    // the sum of the terms' sizes.
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 0)
    return { score, error: (terms.length + 2) * ROUNDING * size }
  })
}
