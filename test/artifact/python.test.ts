import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadTrainedModel, saveModel } from '../../src/artifact/index.js'
import { exampleModel } from './example.js'

const script = fileURLToPath(new URL('./read-model.py', import.meta.url))
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['--version']).status === 0)

interface FromPython {
  aligned: boolean
  loss: string
  schema: { columns: unknown; target: unknown }
  provenance: unknown
  tensors: Record<string, { shape: number[]; values: number[] }>
}

describe.skipIf(python === undefined)('a reader and writer in Python, from the published format', () => {
  it('reads every value of a model file, and writes one that millrace reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-python-'))
    try {
      const [ours, theirs] = [join(folder, 'ours.safetensors'), join(folder, 'theirs.safetensors')]
      const model = exampleModel()
      await saveModel(ours, model)
      const { stdout, stderr, status } = spawnSync(python!, [script, ours, theirs], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
      const read = JSON.parse(stdout) as FromPython
      expect([read.aligned, read.loss]).toEqual([true, 'softmax'])
      expect(read.schema.columns).toEqual(model.schema.columns)
      expect(read.schema.target).toEqual(model.schema.target)
      expect(read.provenance).toEqual(model.provenance)
      // f32 → Python's float → JSON → number is exact: each step holds every f32.
      expect(read.tensors).toEqual({
        weights: { shape: [3, 3], values: [...model.weights] },
        bias: { shape: [3], values: [...model.bias] },
        category_weights: { shape: [7, 3], values: [...model.categoryWeights] },
      })
      expect(await loadTrainedModel(theirs)).toEqual(model)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
