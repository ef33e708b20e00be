/** The part of a checkpoint that is text: all but its vectors. */
import * as is from '../artifact/check.js'
import { checkMetrics, checkRows } from '../artifact/provenance-text.js'
import { parseUntrustedJson } from '../artifact/untrusted-json.js'
import { badRowCodes, type BadRowCode, type BadRowCounts } from '../bad-row-codes.js'
import type { ValidationRows } from '../events.js'
import type { RowsBefore } from '../flow/epoch-rows.js'
import type { FinishedEpoch } from '../run/run.js'
import type { Position } from './checkpoint.js'
import type { FlowState } from './flow-state.js'
import type { FileFacts, RunIdentity } from './identity.js'

/** What of a checkpoint lies outside its vectors. */
export interface CheckpointText {
  readonly identity: RunIdentity
  readonly position: Position
  readonly flow: Pick<FlowState, 'rows' | 'badRows'> | undefined
  readonly counters: ReadonlyMap<string, number>
  readonly first: FinishedEpoch | undefined
  readonly last: FinishedEpoch | undefined
  readonly best: { readonly loss: number; readonly epoch: FinishedEpoch } | undefined
  readonly epochsWithoutImprovement: number
  readonly lastGood: {
    readonly epoch: FinishedEpoch | undefined
    readonly seen: number
    readonly firstSum: number
    readonly sum: number
    readonly steps: number
  }
}

const FORMAT = 1

/** CheckpointText → JSON. */
export function checkpointText({ identity, counters, ...rest }: CheckpointText): string {
  const { options, ...others } = identity
  const named = { ...others, options: [...options] }
  const all = { format: FORMAT, identity: named, counters: [...counters], ...rest }
  return JSON.stringify(all, (_key, value: unknown) =>
    // JSON has neither, and null stands for what is not there.
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value ?? null),
  )
}

/** JSON → CheckpointText. Throws MODEL_INVALID that says which field is wrong: the file may be anybody's. */
export function parseCheckpointText(json: string): CheckpointText {
  const names = ['format', 'identity', 'counters', 'position', 'flow', 'first', 'last', 'best'] as const
  const more = ['epochsWithoutImprovement', 'lastGood'] as const
  const field = is.fieldsOf(parseUntrustedJson(json, 'checkpoint'), '', [...names, ...more])
  field('format', is.wholeUpTo(FORMAT, FORMAT))
  return {
    identity: field('identity', identity),
    counters: field('counters', pairsOf(number)),
    position: field('position', position),
    flow: field('flow', is.orNull(flow)) ?? undefined,
    first: field('first', is.orNull(finishedEpoch)) ?? undefined,
    last: field('last', is.orNull(finishedEpoch)) ?? undefined,
    best: field('best', is.orNull(best)) ?? undefined,
    epochsWithoutImprovement: field('epochsWithoutImprovement', is.count),
    lastGood: field('lastGood', lastGood),
  }
}

/** A number, the ones that JSON does not have included. */
const number: is.Check<number> = (value, where) =>
  typeof value === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value)
    ? Number(value)
    : is.finite(value, where)

/** Names, each once, and values. A list and not an object: no key of an object is chosen by the file. */
function pairsOf<T>(inner: is.Check<T>): is.Check<Map<string, T>> {
  return (value, where) => {
    const pairs = is.listOf((pair, at): [string, T] => {
      const [name, entry, ...rest] = is.listOf((item: unknown) => item, 2)(pair, at)
      if (rest.length > 0) throw is.modelInvalid(at, 'a name and a value', 'more')
      return [is.text(name, at), inner(entry, at)]
    })(value, where)
    const map = new Map(pairs)
    if (map.size < pairs.length) throw is.modelInvalid(where, 'every name once', 'a name twice')
    return map
  }
}

const identity: is.Check<RunIdentity> = (value, where) => {
  const field = is.fieldsOf(value, where, ['version', 'files', 'options', 'schema'])
  return {
    version: field('version', is.text),
    files: field('files', is.listOf(fileFacts)),
    options: field('options', pairsOf(is.text)),
    schema: field('schema', is.text),
  }
}

const fileFacts: is.Check<FileFacts> = (value, where) => {
  const field = is.fieldsOf(value, where, ['name', 'bytes', 'modified', 'content'])
  return {
    name: field('name', is.text),
    bytes: field('bytes', is.count),
    modified: field('modified', is.text),
    content: field('content', is.text),
  }
}

const position: is.Check<Position> = (value, where) => {
  const counts = ['epoch', 'batches', 'step', 'trained'] as const
  const field = is.fieldsOf(value, where, [...counts, 'loss', 'weight', 'digest', 'finished'])
  return {
    epoch: field('epoch', is.count),
    batches: field('batches', is.count),
    step: field('step', is.count),
    trained: field('trained', is.count),
    loss: field('loss', number),
    weight: field('weight', number),
    digest: field('digest', is.count),
    finished: field('finished', is.flag),
  }
}

const flow: is.Check<NonNullable<CheckpointText['flow']>> = (value, where) => {
  const field = is.fieldsOf(value, where, ['rows', 'badRows'])
  return { rows: field('rows', rowsBefore), badRows: field('badRows', badRowCounts) }
}

const rowsBefore: is.Check<RowsBefore> = (value, where) => {
  const field = is.fieldsOf(value, where, ['read', 'validation', 'skipped', 'bytes'])
  return {
    read: field('read', is.count),
    validation: field('validation', is.count),
    skipped: field('skipped', is.count),
    bytes: field('bytes', is.count),
  }
}

const finishedEpoch: is.Check<FinishedEpoch> = (value, where) => {
  const fields = ['epoch', 'steps', 'rows', 'badRows', 'loss', 'validation', 'validationRows'] as const
  const field = is.fieldsOf(value, where, fields)
  return {
    epoch: field('epoch', is.count),
    steps: field('steps', is.count),
    rows: field('rows', checkRows),
    badRows: field('badRows', badRowCounts),
    loss: field('loss', number),
    validation:
      field(
        'validation',
        is.orNull((metrics, at) => checkMetrics(metrics, at, number)),
      ) ?? undefined,
    validationRows: field('validationRows', is.orNull(validationRows)) ?? undefined,
  }
}

const validationRows: is.Check<ValidationRows> = (value, where) => {
  const field = is.fieldsOf(value, where, ['read', 'evaluated', 'skipped', 'badRows'])
  return {
    read: field('read', is.count),
    evaluated: field('evaluated', is.count),
    skipped: field('skipped', is.count),
    badRows: field('badRows', badRowCounts),
  }
}

const badRowCounts: is.Check<BadRowCounts> = (value, where) => {
  const code = is.oneOf<BadRowCode>([...new Set(Object.values(badRowCodes))])
  const counts = is.entriesOf(value, where).map(([name, rows]) => [code(name, where), is.count(rows, where)])
  return Object.fromEntries(counts) as BadRowCounts
}

const best: is.Check<NonNullable<CheckpointText['best']>> = (value, where) => {
  const field = is.fieldsOf(value, where, ['loss', 'epoch'])
  return { loss: field('loss', number), epoch: field('epoch', finishedEpoch) }
}

const lastGood: is.Check<CheckpointText['lastGood']> = (value, where) => {
  const field = is.fieldsOf(value, where, ['epoch', 'seen', 'firstSum', 'sum', 'steps'])
  return {
    epoch: field('epoch', is.orNull(finishedEpoch)) ?? undefined,
    seen: field('seen', is.count),
    firstSum: field('firstSum', number),
    sum: field('sum', number),
    steps: field('steps', is.count),
  }
}
