/** Events of a small run, for the tests of what is shown. */

import type {
  BadRowEvent,
  BottleneckEvent,
  DoneEvent,
  EpochEvent,
  ProgressEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
  ValidationEvent,
  WeightsEvent,
} from '../../src/events.js'
import type { TrainedModel } from '../../src/model/index.js'
import { asModel } from '../../src/predicting/node-model.js'
import { resolveOptions } from '../../src/options/check.js'
import type { TrainOptions } from '../../src/options.js'
import type { Schema } from '../../src/schema/index.js'
import { commas } from '../dialect.js'

export const schema: Schema = {
  dialect: { ...commas, missingTokens: ['NA'] },
  columns: [
    { kind: 'number', name: 'hour', mean: 13.5, scale: 4.25, fill: 0, indicator: true, limit: null },
    { kind: 'number', name: 'raw', mean: 0, scale: 1, fill: 0, indicator: false, limit: null },
    { kind: 'category', name: 'origin', values: ['ATL', 'BOS'], buckets: 1024 },
    { kind: 'category', name: 'one', values: ['x'], buckets: 0 },
    { kind: 'ignored', name: 'delay' },
    { kind: 'weight', name: 'w' },
    { kind: 'target', name: 'late' },
  ],
  interactions: [],
  target: { kind: 'binary', name: 'late', classes: ['0', '1'] },
}

const rows = { read: 3000000, trained: 2700211, validation: 299789, skipped: 0 }
const validation = { loss: 0.4785, auc: 0.644, accuracy: 0.801, brier: 0.152 }

const model: TrainedModel = {
  kind: 'linear',
  schema,
  loss: 'logistic',
  lossSettings: {},
  outputs: 1,
  weights: new Float32Array(4),
  bias: new Float32Array(1),
  categoryWeights: new Float32Array(1029),
  provenance: {
    version: '0.1.0',
    seed: 0,
    options: {},
    epochs: 1,
    steps: 10547,
    rows,
    train: { loss: 0.4801 },
    validation,
  },
}

export function startEvent(options: Partial<TrainOptions> = {}): StartEvent {
  return {
    type: 'start',
    options: resolveOptions({ input: 'flights.csv', target: 'late', out: 'flights.safetensors', ...options }),
    schema,
    classWeights: undefined,
    parameters: 1234,
    workers: 2,
    lanes: 256,
    placement: 'pool',
    bytes: 97_200_000,
    resumed: undefined,
    parts: [{ name: 'weights', runs: [{ from: 0, rows: 1, columns: 3, strideWords: 4 }] }],
    version: '0.1.0',
    machine: { node: '20.20.2', platform: 'linux', architecture: 'x64', cpus: 2, memory: 8e9 },
    dashboard: undefined,
  }
}

export function progressEvent(changes: Partial<ProgressEvent> = {}): ProgressEvent {
  return {
    type: 'progress',
    epoch: 1,
    rows: 1_410_000,
    bytes: 47_000_000,
    ofBytes: 100_000_000,
    loss: 0.48012,
    seconds: 1,
    ...changes,
  }
}

export function stepEvent(changes: Partial<StepEvent> = {}): StepEvent {
  return {
    type: 'step',
    step: 1,
    epoch: 1,
    loss: 0.48012,
    progressiveLoss: 0.4801,
    learningRate: 0.1,
    gradientNorm: 0.25,
    batchRows: 256,
    rows: 256,
    bytes: 100_000,
    seconds: 0.5,
    parameters: new Float32Array(4),
    ...changes,
  }
}

export const epochEvent: EpochEvent = {
  type: 'epoch',
  epoch: 1,
  step: 10547,
  seconds: 2,
  rows,
  badRows: {},
  loss: 0.4801,
  validation,
  validationRows: undefined,
  bestEpoch: undefined,
}

export const doneEvent: DoneEvent = {
  type: 'done',
  model: asModel(model),
  epochs: 1,
  steps: 10547,
  seconds: 2.1,
  rowsPerSecond: 1_400_000,
  rows,
  badRows: {},
  progressive: { loss: 0.4801 },
  train: { loss: 0.4801 },
  validation,
  validationRows: undefined,
  bestEpoch: undefined,
  times: { read: 0.2, parse: 2.4, wait: 0.6, gradient: 0.7, average: 0.08, update: 0.02 },
}

export const validationEvent: ValidationEvent = {
  type: 'validation',
  epoch: 1,
  step: 10547,
  metrics: validation,
  rows: 299789,
  seconds: 2,
}

export const weightsEvent: WeightsEvent = {
  type: 'weights',
  epoch: 1,
  step: 10547,
  weights: [
    { column: 'origin', value: 'ATL', weight: -0.75 },
    { column: 'hour', weight: 0.5, weightPerUnit: 0.5 / 4.25 },
    { column: 'hour', value: '(missing)', weight: 0.25 },
  ],
}

export const badRowEvent: BadRowEvent = {
  type: 'bad-row',
  reason: 'NOT_A_NUMBER',
  message: 'expected a number, got "abc"',
  hint: 'mend the value',
  file: 'flights.csv',
  line: 12,
  byte: 431,
  column: 'hour',
  policy: 'skip',
  skipped: 1,
}

export const bottleneckEvent: BottleneckEvent = {
  type: 'bottleneck',
  epoch: 1,
  seconds: 2,
  shares: { read: 0.05, parse: 0.6, wait: 0.15, gradient: 0.17, average: 0.02, update: 0.01 },
  workers: [0.93, 0.89],
  limit: 'parse',
  advice: 'Parsing takes 60 % of the time: more workers would help.',
}

/** One of every type, in an order that a run could have; several of those that come in forms. */
export const everyEvent: readonly TrainEvent[] = [
  startEvent(),
  { type: 'worker', worker: 1, state: 'ready', message: undefined },
  stepEvent(),
  progressEvent(),
  badRowEvent,
  { type: 'worker', worker: 2, state: 'failed', message: 'it has run out of memory' },
  { type: 'worker', worker: 2, state: 'replaced', message: undefined },
  { type: 'warning', message: 'the rows drift' },
  { type: 'pause', paused: true, step: 1 },
  { type: 'checkpoint', path: 'kept/1.checkpoint', step: 1, epoch: 1, bytes: 5000, seconds: 0.01 },
  { type: 'pause', paused: false, step: 1 },
  weightsEvent,
  validationEvent,
  epochEvent,
  bottleneckEvent,
  doneEvent,
]
