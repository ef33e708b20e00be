import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadTrainedModel, saveModel } from '../../src/artifact/index.js'
import { tensorsOf } from '../../src/artifact/model-tensors.js'
import type { NetworkModel, TrainedModel } from '../../src/model/index.js'
import { exampleModel } from './example.js'

const script = fileURLToPath(new URL('./read-model.py', import.meta.url))
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['--version']).status === 0)

/** The example with a hidden layer of 4 units, layer norm and embeddings of 10 numbers. */
function exampleNetwork(): NetworkModel {
  const { weights: _, bias: __, kind: ___, ...facts } = exampleModel()
  const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => 1 / (i + 3))
  return {
    ...facts,
    kind: 'network',
    network: { hidden: [4], activation: 'gelu', layerNorm: true, embedding: 10 },
    layers: [
      { weights: numbers(52), bias: numbers(4), gain: numbers(4), shift: numbers(4) },
      { weights: numbers(12), bias: numbers(3) },
    ],
    categoryWeights: numbers(70),
  }
}

interface FromPython {
  aligned: boolean
  loss: string
  schema: { columns: unknown; target: unknown }
  provenance: unknown
  tensors: Record<string, { shape: number[]; values: number[] }>
}

describe.skipIf(python === undefined)('a reader and writer in Python, from the published format', () => {
  it.each<[string, TrainedModel, [string, number[]][]]>([
    [
      'a linear model',
      exampleModel(),
      [
        ['weights', [3, 3]],
        ['bias', [3]],
        ['category_weights', [7, 3]],
      ],
    ],
    [
      'a network',
      exampleNetwork(),
      [
        ['layer_0.weights', [13, 4]],
        ['layer_0.bias', [4]],
        ['layer_0.gain', [4]],
        ['layer_0.shift', [4]],
        ['layer_1.weights', [4, 3]],
        ['layer_1.bias', [3]],
        ['category_weights', [7, 10]],
      ],
    ],
  ])('reads every value of %s, and writes a file that millrace reads', async (_kind, model, shapes) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-python-'))
    try {
      const [ours, theirs] = [join(folder, 'ours.safetensors'), join(folder, 'theirs.safetensors')]
      await saveModel(ours, model)
      const { stdout, stderr, status } = spawnSync(python!, [script, ours, theirs], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
      const read = JSON.parse(stdout) as FromPython
      expect([read.aligned, read.loss]).toEqual([true, 'softmax'])
      expect(read.schema.columns).toEqual(model.schema.columns)
      expect(read.schema.target).toEqual(model.schema.target)
      expect(read.provenance).toEqual(model.provenance)
      // f32 → Python's float → JSON → number is exact: each step holds every f32.
      const tensors = tensorsOf(model)
      expect(read.tensors).toEqual(
        Object.fromEntries(shapes.map(([name, shape]) => [name, { shape, values: [...tensors.get(name)!] }])),
      )
      expect(await loadTrainedModel(theirs)).toEqual(model)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
