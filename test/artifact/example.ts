import type { LinearModel as Model, Provenance } from '../../src/model/model.js'
import type { ColumnSchema } from '../../src/schema/schema.js'

/** Three classes, a number with an indicator, a category of 2 values, 4 buckets and "missing": K = 3, D = 3, N = 7. */
export function exampleModel(first = 0.5): Model {
  const columns: ColumnSchema[] = [
    { kind: 'number', name: 'hour', mean: 13.25, scale: 4.5, fill: 0, indicator: true, limit: 8 },
    { kind: 'ignored', name: 'delay' },
    { kind: 'category', name: 'origin', values: ['Orly', 'Zürich, "ZRH"'], buckets: 4 },
    { kind: 'number', name: 'distance', mean: 0.1, scale: 1e-3, fill: -0.25, indicator: false, limit: null },
    { kind: 'target', name: 'size' },
    { kind: 'weight', name: 'count' },
  ]
  const dialect = {
    delimiter: ';',
    quote: '"',
    comment: '#',
    decimal: '.' as const,
    header: true,
    missingTokens: ['NA', '?'],
  }
  const classes = ['1', '2', '10']
  return {
    kind: 'linear',
    schema: { dialect, columns, interactions: [], target: { kind: 'classes', name: 'size', classes } },
    loss: 'softmax',
    lossSettings: {},
    outputs: 3,
    weights: Float32Array.from({ length: 9 }, (_, i) => first + i / 8),
    bias: Float32Array.from([-1, 0.1, 2 ** -130]),
    categoryWeights: Float32Array.from({ length: 21 }, (_, i) => 1 / (i + 1)),
    provenance: exampleProvenance(),
  }
}

function exampleProvenance(): Provenance {
  return {
    version: '0.1.0',
    seed: 4294967295,
    options: { batchSize: 256, learningRate: 0.05, loss: null, optimizer: 'adagrad', shuffle: true },
    epochs: 2,
    steps: 10547,
    rows: { read: 100, trained: 88, validation: 11, skipped: 1 },
    train: { loss: 0.4801 },
    validation: { loss: 0.4785, accuracy: 0.75 },
  }
}

/** The example with so many buckets that its file has 3 MB: a write of it takes a while. */
export function largeModel(first: number): Model {
  const model = exampleModel(first)
  const buckets = 2 ** 18
  const columns = model.schema.columns.map((entry) =>
    entry.kind === 'category' ? { ...entry, buckets } : entry,
  )
  const categoryWeights = new Float32Array((2 + buckets + 1) * 3).fill(first)
  return { ...model, schema: { ...model.schema, columns }, categoryWeights }
}
