import type { BadRowCode, BadRowCounts } from '../bad-row-codes.js'
import type { RowCounts, TimeShares, TrainEvent, ValidationRows } from '../events.js'
import type { HeavyWeight } from '../inspect/heaviest-weights.js'
import type { ModelColumn, ModelInteraction } from '../inspect/inspect-model.js'
import type { Metrics } from '../metric/index.js'
import type { TargetColumn } from '../schema/schema.js'
import type { EventRecord, OptionsRecord, SchemaRecord } from './event-record.js'
import {
  among,
  fields,
  list,
  Mismatch,
  number,
  object,
  oneOf,
  optional,
  orNull,
  table,
  text,
  yesOrNo,
  type Check,
} from './json-checks.js'

type RecordOf<Type extends EventRecord['type']> = Extract<EventRecord, { type: Type }>

const rows = fields<RowCounts>({ read: number, trained: number, validation: number, skipped: number })
const badRows = table(number) as Check<BadRowCounts>
const metrics = table(number) as Check<Metrics>
const loss = fields<{ loss: number }>({ loss: number })
const shares = fields<TimeShares>({
  read: number,
  parse: number,
  wait: number,
  gradient: number,
  average: number,
  update: number,
})
const validationRows = fields<ValidationRows>({ read: number, evaluated: number, skipped: number, badRows })
const place = fields<RecordOf<'failed'>['place']>({
  file: optional(text),
  line: optional(number),
  byte: optional(number),
  column: optional(text),
  step: optional(number),
  shard: optional(number),
  option: optional(text),
})
const heavyWeight = fields<HeavyWeight>({
  column: text,
  part: optional(text),
  value: optional(text),
  class: optional(text),
  weight: number,
  weightPerUnit: optional(number),
})
const numberTarget = among<Extract<TargetColumn, { kind: 'number' }>>({
  kind: oneOf('number'),
  name: text,
  mean: number,
  scale: number,
})
const classTarget = among<Exclude<TargetColumn, { kind: 'number' }>>({
  kind: oneOf('binary', 'classes'),
  name: text,
  classes: list(text),
})
const target: Check<TargetColumn> = (value) =>
  object(value)['kind'] === 'number' ? numberTarget(value) : classTarget(value)
/** What else a column has depends on its kind, and is left as it is. */
const columnKind = oneOf('number', 'boolean', 'date', 'category', 'ignored', 'weight', 'target')
const column = among<{ kind: string; name: string }>({ kind: columnKind, name: text }) as Check<ModelColumn>
const schema = fields<SchemaRecord>({
  target,
  columns: list(column),
  interactions: list(among<ModelInteraction>({ name: text, values: number, buckets: number })),
  sharedBuckets: number,
})

function is<Type extends EventRecord['type']>(type: Type): Check<Type> {
  return oneOf(type)
}

/** A check for every type of record; the compiler sees to it that they are those of event-record.ts. */
const records: { readonly [Type in EventRecord['type']]: Check<RecordOf<Type>> } = {
  start: fields<RecordOf<'start'>>({
    type: is('start'),
    time: text,
    options: among<OptionsRecord>({ input: list(text) }),
    schema,
    classWeights: optional(table(number)),
    parameters: number,
    workers: number,
    lanes: number,
    placement: oneOf('auto', 'inline', 'pool'),
    bytes: optional(number),
    resumed: optional(fields({ path: text, step: number, epoch: number })),
    version: text,
    machine: fields({ node: text, platform: text, architecture: text, cpus: number, memory: number }),
  }),
  step: fields<RecordOf<'step'>>({
    type: is('step'),
    step: number,
    epoch: number,
    loss: number,
    progressiveLoss: number,
    learningRate: number,
    gradientNorm: number,
    batchRows: number,
    rows: number,
    bytes: number,
    seconds: number,
  }),
  validation: fields<RecordOf<'validation'>>({
    type: is('validation'),
    epoch: number,
    step: number,
    metrics,
    rows: number,
    seconds: number,
  }),
  epoch: fields<RecordOf<'epoch'>>({
    type: is('epoch'),
    epoch: number,
    step: number,
    seconds: number,
    rows,
    badRows,
    loss: number,
    validationRows: optional(validationRows),
    validation: optional(metrics),
    bestEpoch: optional(number),
  }),
  progress: fields<RecordOf<'progress'>>({
    type: is('progress'),
    epoch: number,
    rows: number,
    bytes: number,
    ofBytes: optional(number),
    loss: number,
    seconds: number,
  }),
  weights: fields<RecordOf<'weights'>>({
    type: is('weights'),
    epoch: number,
    step: number,
    weights: list(heavyWeight),
  }),
  checkpoint: fields<RecordOf<'checkpoint'>>({
    type: is('checkpoint'),
    path: text,
    step: number,
    epoch: number,
    bytes: number,
    seconds: number,
  }),
  'bad-row': fields<RecordOf<'bad-row'>>({
    type: is('bad-row'),
    reason: text as Check<BadRowCode>,
    message: text,
    hint: text,
    file: text,
    line: optional(number),
    byte: number,
    column: optional(text),
    policy: oneOf('skip', 'quarantine'),
    skipped: number,
  }),
  worker: fields<RecordOf<'worker'>>({
    type: is('worker'),
    worker: number,
    state: oneOf('ready', 'failed', 'replaced'),
    message: optional(text),
  }),
  bottleneck: fields<RecordOf<'bottleneck'>>({
    type: is('bottleneck'),
    epoch: number,
    seconds: number,
    shares,
    workers: list(number),
    limit: oneOf('source', 'read', 'parse', 'gradient', 'average', 'update', 'step', 'validation', 'control'),
    advice: text,
  }),
  pause: fields<RecordOf<'pause'>>({ type: is('pause'), paused: yesOrNo, step: number }),
  warning: fields<RecordOf<'warning'>>({ type: is('warning'), message: text }),
  done: fields<RecordOf<'done'>>({
    type: is('done'),
    epochs: number,
    steps: number,
    seconds: number,
    rowsPerSecond: number,
    rows,
    badRows,
    progressive: loss,
    train: loss,
    validation: optional(metrics),
    validationRows: optional(validationRows),
    bestEpoch: optional(number),
    times: shares,
    out: orNull(text),
  }),
  failed: fields<RecordOf<'failed'>>({ type: is('failed'), code: text, message: text, hint: text, place }),
  interrupted: fields<RecordOf<'interrupted'>>({ type: is('interrupted') }),
}

/**
 * JSON that anybody may have written → an event record with every field that its type promises; what it has besides is left
 * out. Undefined for a type that this version does not know. Throws a Mismatch.
 */
export function checkRecord(json: unknown): EventRecord | undefined {
  const { type } = object(json)
  if (typeof type !== 'string') throw new Mismatch('a text', type, ['type'])
  return Object.hasOwn(records, type) ? records[type as TrainEvent['type']](json) : undefined
}
