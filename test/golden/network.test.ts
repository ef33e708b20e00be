import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { saveModel } from '../../src/artifact/index.js'
import { evaluate, predict } from '../../src/index.js'
import type { TrainedModel } from '../../src/model/index.js'
import type { NetworkModel } from '../../src/model/model.js'
import { readCsv, temporaryFolder } from '../model-use.js'
import { commas } from '../dialect.js'

/** A number, and how far f32 may be from it: both by network.py, which derives the bound step by step. */
interface Bounded {
  value: number
  error: number
}

interface Golden {
  source: string
  network: NetworkModel['network']
  numbers: { name: string; mean: number; scale: number }[]
  categories: { name: string; values: string[] }[]
  layers: Record<'weights' | 'bias' | 'gain' | 'shift', number[]>[]
  categoryWeights: number[]
  csv: string[]
  probabilities: Bounded[]
  loss: Bounded
}
const golden = JSON.parse(readFileSync(new URL('network.json', import.meta.url), 'utf8')) as Golden
const path = temporaryFolder()

function networkOf({ network, numbers, categories, layers, categoryWeights }: Golden): TrainedModel {
  return {
    kind: 'network',
    network,
    schema: {
      dialect: commas,
      columns: [
        ...numbers.map((column) => ({
          kind: 'number' as const,
          fill: 0,
          indicator: false,
          limit: null,
          ...column,
        })),
        ...categories.map((column) => ({ kind: 'category' as const, buckets: 0, ...column })),
        { kind: 'target', name: 'y' },
      ],
      interactions: [],
      target: { kind: 'binary', name: 'y', classes: ['no', 'yes'] },
    },
    loss: 'logistic',
    lossSettings: {},
    outputs: 1,
    layers: layers.map(
      (parts) =>
        Object.fromEntries(
          Object.entries(parts).map(([name, values]) => [name, Float32Array.from(values)]),
        ) as unknown as NetworkModel['layers'][number],
    ),
    categoryWeights: Float32Array.from(categoryWeights),
    provenance: {
      version: '0.1.0',
      seed: 0,
      options: {},
      epochs: 1,
      steps: 1,
      rows: { read: 1, trained: 1, validation: 0, skipped: 0 },
      train: { loss: 0 },
      validation: undefined,
    },
  }
}

it(`a network of fixed weights predicts, and is scored, as ${golden.source} does`, async () => {
  const [model, input, out] = [path('network.safetensors'), path('rows.csv'), path('predictions.csv')]
  await saveModel(model, networkOf(golden))
  writeFileSync(input, golden.csv.join('\n') + '\n')

  await predict({ model, input, out, workers: 1 })
  const predictions = await readCsv(readFileSync(out, 'utf8'))
  expect(predictions).toHaveLength(golden.probabilities.length)
  golden.probabilities.forEach(({ value, error }, row) => {
    const found = Number(predictions[row]!['probability_yes'])
    expect(Math.abs(found - value), `row ${row + 1}`).toBeLessThanOrEqual(error)
  })

  const { metrics } = await evaluate({ model, input, workers: 1 })
  expect(Math.abs(metrics.loss - golden.loss.value)).toBeLessThanOrEqual(golden.loss.error)
})
