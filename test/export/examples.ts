import { activationNames } from '../../src/activation/index.js'
import { categoryWidth } from '../../src/export/model-features.js'
import { lossFacts, type LossName } from '../../src/loss/index.js'
import type { LayerTensors, LinearModel, NetworkModel, TrainedModel } from '../../src/model/model.js'
import { interactionName } from '../../src/schema/interactions.js'
import {
  categoryIndices,
  denseFeatures,
  featureColumns,
  type ColumnSchema,
  type InteractionColumn,
  type Schema,
  type TargetColumn,
} from '../../src/schema/schema.js'
import { exampleModel } from '../artifact/example.js'
import type { Row } from './formats.js'

export interface Shape {
  readonly dates: boolean
  /** `none`: values that are in no vocabulary are missing. */
  readonly buckets: 'none' | 'own' | 'shared' | 'equal'
}

/** Numbers between −1 and 1 that look like chance and are always the same. */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Names that a careless writer would take for code. */
const names = {
  number: `n"; DROP TABLE rows --`,
  plain: '__proto__',
  truth: 'a\u2028b`${1}\n*/',
  category: "o'</script>",
  other: 'prediction',
  date: 'when',
  target: 'what',
}

const values = ["it's", '"quoted"', '</script>', 'a, b', '日本', '__proto__', 'new\nline', 'x'].sort()

function schemaOf(target: TargetColumn, { dates, buckets }: Shape): Schema {
  const count = { none: 0, own: 8, shared: 0, equal: 8 }[buckets]
  const columns: ColumnSchema[] = [
    { kind: 'number', name: names.number, mean: 13.25, scale: 4.5, fill: 0.5, indicator: true, limit: 2 },
    { kind: 'category', name: names.category, values, buckets: count },
    { kind: 'ignored', name: 'not used' },
    { kind: 'boolean', name: names.truth, mean: 0.25, scale: 0.5, fill: -0.25, indicator: true, limit: null },
    ...(dates ? [dateColumn()] : []),
    { kind: 'number', name: names.plain, mean: -3, scale: 1, fill: 0, indicator: false, limit: null },
    { kind: 'category', name: names.other, values: ['b', 'c', ''], buckets: 0 },
    { kind: 'target', name: names.target },
  ]
  const pairs = ['x', 'a, b', 'x\x1fy'].map((value) => `${value}\x1fb`)
  const pair = interaction([names.category, names.other], [...pairs, 'x\x1fNA'], count)
  const scaled = interaction([names.number, names.category], ['x', "it's"], count)
  return {
    dialect: { ...exampleModel().schema.dialect, missingTokens: ['NA', "n'a", '?'] },
    columns,
    interactions: [pair, scaled],
    ...(buckets === 'shared' ? { sharedBuckets: 16 } : {}),
    target: { ...target, name: names.target },
  }
}

function dateColumn(): ColumnSchema {
  const means = [2001, 6, 4, 12, 990_000_000]
  const scales = [10, 3, 2, 6, 300_000_000]
  const parts = means.map((mean, i) => ({ mean, scale: scales[i]!, fill: 0.125 }))
  return { kind: 'date', name: names.date, parts, indicator: true, limit: 4 }
}

function interaction(columns: [string, string], of: string[], buckets: number): InteractionColumn {
  return { kind: 'interaction', name: interactionName(columns), columns, values: of, buckets }
}

function targetOf(loss: LossName): TargetColumn {
  const { targetKind, targetRange } = lossFacts(loss)
  if (targetKind === 'binary') return { kind: 'binary', name: '', classes: ["it's no", '</script>'] }
  if (targetKind === 'classes') return { kind: 'classes', name: '', classes: ['1', '__proto__', 'c"'] }
  if (targetRange === undefined || targetRange === 'any')
    return { kind: 'number', name: '', mean: -7.5, scale: 12 }
  return { kind: 'number', name: '', mean: 0, scale: 12, range: targetRange }
}

/** A linear model with all encoders, without training. */
export function linearExample(loss: LossName, shape: Shape, seed: number): LinearModel {
  const schema = schemaOf(targetOf(loss), shape)
  const outputs = schema.target.kind === 'classes' ? schema.target.classes.length : 1
  const next = chance(seed)
  const take = (length: number): Float32Array => Float32Array.from({ length }, next)
  const model: LinearModel = {
    ...exampleModel(),
    kind: 'linear',
    schema,
    loss,
    lossSettings: {},
    outputs,
    weights: take(outputs * denseFeatures(schema).length),
    bias: take(outputs),
    categoryWeights: take(categoryIndices(schema) * outputs),
  }
  return shape.buckets === 'equal' ? withEqualBuckets(model) : model
}

/** A network with all encoders, without training. */
export function networkExample(loss: LossName, shape: Shape, seed: number): NetworkModel {
  const { weights: _, bias: __, ...facts } = linearExample(loss, { ...shape, buckets: shape.buckets }, seed)
  const { schema, outputs } = facts
  const embedding = seed % 2 === 0 ? 0 : 3
  const network = {
    hidden: [6, 5],
    activation: activationNames[seed % activationNames.length]!,
    layerNorm: seed % 3 === 0,
    embedding,
  }
  const next = chance(seed)
  const take = (length: number): Float32Array => Float32Array.from({ length }, next)
  let inputs = denseFeatures(schema).length + featureColumns(schema).categories.length * embedding
  const layers = [...network.hidden, outputs].map((units, i): LayerTensors => {
    const layer = { weights: take(inputs * units), bias: take(units) }
    inputs = units
    return network.layerNorm && i < network.hidden.length
      ? { ...layer, gain: take(units), shift: take(units) }
      : layer
  })
  const categoryWeights = take(categoryIndices(schema) * (embedding || network.hidden[0]!))
  const model: NetworkModel = { ...facts, kind: 'network', network, layers, categoryWeights }
  return shape.buckets === 'equal' ? withEqualBuckets(model) : model
}

/** All buckets of a slot have the weights of its first: nothing rare was seen. */
function withEqualBuckets<Model extends TrainedModel>(model: Model): Model {
  const width = categoryWidth(model)
  const weights = model.categoryWeights.slice()
  let first = 0
  for (const slot of featureColumns(model.schema).categories) {
    const bucket = first + slot.values.length
    for (let i = 1; i < slot.buckets; i++)
      weights.copyWithin((bucket + i) * width, bucket * width, (bucket + 1) * width)
    first = bucket + slot.buckets + 1
  }
  return { ...model, categoryWeights: weights }
}

/** Rows of all that a column can hold: missing in every way, unseen, quoted, far outside. */
export function exampleRows(count: number, seed: number): Row[] {
  const next = chance(seed)
  const pick = (texts: readonly string[]): string => texts[Math.floor(((next() + 1) / 2) * texts.length)]!
  return Array.from({ length: count }, () => ({
    [names.number]: pick(['', 'NA', '13.25', '-1e3', '1e6', '0', String(next() * 30)]),
    ['__proto__']: pick(['', '?', '-3', '2.5', String(next())]),
    [names.truth]: pick(['yes', 'No', 'TRUE', 'f', '1', '0', '', "n'a"]),
    [names.category]: pick([...values, 'not seen', 'x\x1fy', '', ' NA ', '?', '日本語']),
    [names.other]: pick(['b', 'c', 'd', '', 'NA', 'y\x1fb']),
    [names.date]: pick([
      '2001-01-31T08:21',
      '1969-12-31 23:59:59',
      '2024-02-29',
      '0000-03-01',
      '9999-12-31',
      '',
      '20000101',
      '-62135596800',
    ]),
  }))
}
