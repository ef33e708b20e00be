/**
 * Events as plain JSON objects: what a run is watched by from outside (event files, the dashboard). One object an event, of the
 * same type and the same fields, but for what no file can hold: the weights, the model, where the input is no name. Numbers that
 * are not finite become null when they are written. docs/events.schema.json is the JSON Schema.
 */
import { MillraceError, type Place } from '../errors.js'
import type { DoneEvent, StartEvent, StepEvent, TrainEvent } from '../events.js'
import { describeColumns, type ModelColumn, type ModelInteraction } from '../inspect/inspect-model.js'
import type { ResolvedOptions } from '../options.js'
import type { TargetColumn } from '../schema/schema.js'

export type StartRecord = Omit<StartEvent, 'options' | 'schema' | 'parts' | 'dashboard'> & {
  /** When it was, by ISO 8601. */
  time: string
  options: OptionsRecord
  schema: SchemaRecord
}

/** The options of a run, those left to the data filled in. */
export type OptionsRecord = Omit<ResolvedOptions, 'input' | 'signal' | 'control'> & {
  /** Names; none where the rows came from a program. */
  input: readonly string[]
}

/** Which column plays which role; vocabularies are told by their sizes. */
export interface SchemaRecord {
  target: TargetColumn
  columns: readonly ModelColumn[]
  interactions: readonly ModelInteraction[]
  /** Buckets that all categories share, 0 where each column has its own. */
  sharedBuckets: number
}

export type StepRecord = Omit<StepEvent, 'parameters'>

export type DoneRecord = Omit<DoneEvent, 'model'> & {
  /** Where the model is; null where it was not asked for. */
  out: string | null
}

/** The run has failed; it is the last record. */
export interface FailedRecord {
  type: 'failed'
  code: string
  message: string
  hint: string
  place: Place
}

/** The run was stopped; it is the last record. */
export interface InterruptedRecord {
  type: 'interrupted'
}

export type EventRecord =
  | StartRecord
  | StepRecord
  | DoneRecord
  | Exclude<TrainEvent, StartEvent | StepEvent | DoneEvent>
  | FailedRecord
  | InterruptedRecord

/** `out`: where the model goes. */
export function eventRecord(event: TrainEvent, out: string | undefined): EventRecord {
  switch (event.type) {
    case 'start':
      return startRecord(event)
    case 'step': {
      const { parameters: _, ...record } = event
      return record
    }
    case 'done': {
      const { model: _, ...record } = event
      return { ...record, out: out ?? null }
    }
    default:
      return event
  }
}

function startRecord({ dashboard: _, parts: _parts, options, schema, ...event }: StartEvent): StartRecord {
  const { input, signal: _signal, control: _control, ...given } = options
  return {
    ...event,
    time: new Date().toISOString(),
    options: { ...given, input: Array.isArray(input) && typeof input[0] === 'string' ? input : [] },
    schema: { target: schema.target, ...describeColumns(schema) },
  }
}

/** The last record of a run that ended otherwise than by `done`; without an error it was stopped. */
export function endRecord(error: unknown): FailedRecord | InterruptedRecord {
  if (error === undefined || (error instanceof Error && error.name === 'AbortError')) {
    return { type: 'interrupted' }
  }
  if (error instanceof MillraceError) {
    const { code, message, hint, place } = error
    return { type: 'failed', code, message, hint, place }
  }
  const message = error instanceof Error ? error.message : 'not an Error was thrown'
  return { type: 'failed', code: 'INTERNAL', message, hint: '', place: {} }
}
