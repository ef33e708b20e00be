/** Model files that millrace 0.1.0 wrote are read by every later version, and predict what they did then, to the bit. */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../../src/artifact/index.js'
import { loadModel, predict } from '../../src/index.js'
import { readCsv, temporaryFolder } from '../model-use.js'

const folder = fileURLToPath(new URL('format-1/', import.meta.url))
const names = readdirSync(folder).flatMap((name) => (name.endsWith('.model') ? [name.slice(0, -6)] : []))
const path = temporaryFolder()

it('has models of both kinds', () => {
  expect(names).toHaveLength(6)
})

describe.each(names)('%s', (name) => {
  const model = `${folder}${name}.model`
  const expected = readFileSync(`${folder}${name}.csv`, 'utf8')

  it('predicts what it did, by the command', async () => {
    await predict({ model, input: `${folder}rows.csv`, out: path('out.csv'), workers: 1 })
    expect(readFileSync(path('out.csv'), 'utf8')).toBe(expected)
  })

  it('predicts what it did, row by row', async () => {
    const rows = await readCsv(readFileSync(`${folder}rows.csv`, 'utf8'))
    const predictions = (await loadModel(model)).predict(rows)
    const numbers = (await readCsv(expected)).map(({ prediction, ...others }) => [
      /^[-\d]/.test(prediction!) ? Math.fround(Number(prediction)) : prediction,
      ...Object.values(others).map((text) => Math.fround(Number(text))),
    ])
    expect(
      predictions.map(({ prediction, probabilities = {} }) => [prediction, ...Object.values(probabilities)]),
    ).toEqual(numbers)
  })

  it('is written again as it can be read', () => {
    const read = decodeModel(readFileSync(model))
    expect(decodeModel(encodeModel(read))).toEqual(read)
  })
})
