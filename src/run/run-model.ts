import type { SharedMemory } from '../engine/memory.js'
import type { OpenInput } from '../flow/row-flow.js'
import type { InitialModel } from './initial-model.js'
import { createLoss, type Loss } from '../loss/index.js'
import type { NetworkSettings } from '../model/network.js'
import { networkSettings } from '../options/network-settings.js'
import type { ResolvedOptions } from '../options.js'
import { continueSchema } from '../schema/continued-schema.js'
import { dateWarnings } from '../schema/date-warnings.js'
import { fitSchema } from '../schema/fit.js'
import type { ColumnPlaces } from '../schema/program.js'
import { targetScale, type Schema } from '../schema/schema.js'

/** Standardised numbers of a stream are clamped to ± this: its first buffer may not show how far they will go. */
const STREAM_LIMIT = 8

/** What a run trains, before it has weights: the schema and the kind of the model. */
export interface RunModel {
  readonly schema: Schema
  /** Where its columns are in the input; undefined: in its order. */
  readonly places: ColumnPlaces | undefined
  /** Its columns in the order of the input. */
  readonly sampled: Schema
  readonly loss: Loss
  /** K */
  readonly outputs: number
  /** Undefined for a linear model. */
  readonly network: NetworkSettings | undefined
  readonly warnings: readonly string[]
}

/** The model that the options and the sample ask for, or that of an initial model, checked against the sample. */
export function runModel(
  memory: SharedMemory,
  input: OpenInput,
  options: ResolvedOptions,
  initial: InitialModel | undefined,
): RunModel {
  return initial === undefined
    ? newModel(memory, input, options)
    : continuedModel(memory, input, options, initial)
}

const defaultLoss = { number: 'squared', binary: 'logistic', classes: 'softmax' } as const

function newModel(
  memory: SharedMemory,
  { context, dialect, names, sample, isStream }: OpenInput,
  options: ResolvedOptions,
): RunModel {
  const limit = isStream && options.standardize ? STREAM_LIMIT : null
  const schema = fitSchema(memory, context, dialect, names, sample, { ...options, limit })
  const { target } = schema
  const loss = createLoss(options.loss ?? defaultLoss[target.kind], options, targetScale(target))
  return {
    schema,
    places: undefined,
    sampled: schema,
    loss,
    outputs: loss.outputs(target.kind === 'number' ? 1 : target.classes.length),
    network: networkSettings(options, schema),
    warnings: dateWarnings(schema, options.categorical),
  }
}

function continuedModel(
  memory: SharedMemory,
  { context, dialect, names, sample: chunks, files }: OpenInput,
  options: ResolvedOptions,
  { model }: InitialModel,
): RunModel {
  const file = files[0]?.path ?? 'the input'
  const data = { memory, context, file, dialect, names, chunks }
  const { schema, places, inOrderOfData, warnings } = continueSchema(model.schema, data, options)
  return {
    schema,
    places,
    sampled: inOrderOfData,
    loss: createLoss(model.loss, model.lossSettings, targetScale(schema.target)),
    outputs: model.outputs,
    network: model.kind === 'network' ? model.network : undefined,
    warnings,
  }
}
