/** Checks of the options of `train`, with zod: a long list, one line an option. Imported by the train path only, because zod takes 60 ms to load. */

import * as z from 'zod'
import { activationNames } from '../activation/index.js'
import type { MillraceError } from '../errors.js'
import { lossNames, losses, type LossSetting } from '../loss/index.js'
import { initialisations } from '../model/initial.js'
import { MOST_EMBEDDING } from '../model/network-limits.js'
import { checkpointInterval, parseCheckpointInterval } from './checkpoint.js'
import { availableCpus } from './cpus.js'
import { checkMemory } from './memory.js'
import { unknownOption, wrongOption } from './model.js'
import {
  character,
  classWeights,
  layerSizes,
  names,
  namesOrSource,
  oneOf,
  pairs,
  parseBadRowLimit,
  parseClassWeights,
  parseLayerSizes,
  parsePairs,
  parseSettings,
  parseSize,
  parseValidation,
  readingRules,
  settings,
  size,
  splitNames,
  text,
  validation,
  whole,
} from './rules.js'
import type { Rule } from './rules.js'
import {
  backends,
  defaults,
  networkOptimizer,
  placements,
  type EncodingName,
  type DecimalMark,
  type InitialModelSource,
  type Input,
  type Names,
  type ResolvedOptions,
  type Settings,
  type TrainOptions,
} from '../options.js'
import { checkTogether } from './together.js'
import { optimizers } from '../optimizer/index.js'
import { sinks, type SinkOptions } from '../report/sinks.js'
import { RunControl } from '../run/run-control.js'
import { schedules } from '../schedule/index.js'

const MEBIBYTE = 2 ** 20
const POWERS_OF_TWO = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/** A value that keeps a rule; what the rule expects is the message. */
function required<Value>({ holds, expected }: Rule): z.ZodType<Value, Value> {
  return z.custom<Value>(holds, { error: expected })
}

function optional<Value>(rule: Rule): z.ZodOptional<z.ZodType<Value, Value>> {
  return required<Value>(rule).optional()
}

/** A finite number for which `holds`; written positively, so that NaN fails. */
function finite(expected: string, holds: (value: number) => boolean): z.ZodOptional<z.ZodNumber> {
  return z.number({ error: expected }).refine(holds, { error: expected }).optional()
}

/** A setting of a loss: its range is stated where the loss is. */
function setting({ expected, holds }: LossSetting): z.ZodOptional<z.ZodNumber> {
  return finite(expected, holds)
}

/** The options that ask for sinks: each keeps its rule where the sink is. */
function sinkRules(): { [Name in keyof SinkOptions]-?: z.ZodType<SinkOptions[Name], SinkOptions[Name]> } {
  const rules = Object.entries(sinks).map(([name, { rule }]) => [name, optional<unknown>(rule)])
  return Object.fromEntries(rules) as ReturnType<typeof sinkRules>
}

const control: Rule = {
  expected: 'a RunControl',
  holds: (value) => value instanceof RunControl,
}

const modelSource: Rule = {
  expected: 'the path of a model file, its bytes or a model',
  holds: (value) =>
    (typeof value === 'string' && value !== '') ||
    value instanceof Uint8Array ||
    (typeof value === 'object' && value !== null && 'schema' in value && 'kind' in value),
}

const {
  input,
  delimiter,
  quote,
  comment,
  header,
  encoding,
  decimal,
  onBadRow,
  quarantine,
  maxBadRows,
  workers,
  memory,
  signal,
} = readingRules

const schema = z.strictObject({
  input: required<Input>(input),
  target: required<string>(text('the name of a column')),

  features: optional<Names>(names),
  ignore: optional<Names>(names),
  numeric: optional<Names>(names),
  categorical: optional<Names>(names),
  dates: optional<Names>(names),
  interactions: optional<Names>(pairs),
  maxCategories: optional<number>(whole(0, 2 ** 20)),
  minCount: optional<number>(whole(1, 2 ** 31 - 1)),
  weight: optional<string>(text('the name of a column')),
  classWeight: optional<NonNullable<TrainOptions['classWeight']>>(classWeights),
  hashBits: optional<number>(whole(0, 24)),
  na: optional<Names>(names),
  standardize: optional<boolean>(header),

  delimiter: optional<string>(delimiter),
  quote: optional<string>(quote),
  header: optional<boolean>(header),
  comment: optional<string>(comment),
  encoding: optional<EncodingName>(encoding),
  decimal: optional<DecimalMark>(decimal),

  onBadRow: optional<NonNullable<TrainOptions['onBadRow']>>(onBadRow),
  quarantine: optional<string>(quarantine),
  maxBadRows: optional<number | string>(maxBadRows),

  loss: optional<NonNullable<TrainOptions['loss']>>(oneOf(lossNames)),
  huberDelta: setting(losses.huber.settings.huberDelta),
  quantile: setting(losses.quantile.settings.quantile),
  tweediePower: setting(losses.tweedie.settings.tweediePower),

  initModel: optional<InitialModelSource>(modelSource),
  freezePreprocessing: optional<boolean>(header),

  hidden: optional<NonNullable<TrainOptions['hidden']>>(layerSizes),
  activation: optional<NonNullable<TrainOptions['activation']>>(oneOf(activationNames)),
  layerNorm: optional<boolean>(header),
  embedding: optional<number>(whole(0, MOST_EMBEDDING)),
  dropout: finite('a fraction, 0 or more and below 1', (share) => share >= 0 && share < 1),
  init: optional<NonNullable<TrainOptions['init']>>(oneOf(initialisations)),

  batchSize: optional<number>(whole(1, 2 ** 24)),
  epochs: optional<number>(whole(1, 2 ** 31 - 1)),
  optimizer: optional<NonNullable<TrainOptions['optimizer']>>(oneOf(Object.keys(optimizers))),
  learningRate: finite('a finite number above 0', (rate) => rate > 0),
  optimizerSettings: optional<Settings>(settings),
  schedule: optional<NonNullable<TrainOptions['schedule']>>(oneOf(Object.keys(schedules))),
  scheduleSettings: optional<Settings>(settings),
  warmup: optional<number>(whole(0, 2 ** 31 - 1)),
  l1: finite('a finite number, 0 or more', (strength) => strength >= 0),
  l2: finite('a finite number, 0 or more', (strength) => strength >= 0),
  weightDecay: finite('a finite number, 0 or more', (strength) => strength >= 0),
  penalizeBias: optional<boolean>(header),
  penalizeCategories: optional<boolean>(header),
  clipNorm: finite('a finite number above 0', (limit) => limit > 0),
  clipValue: finite('a finite number above 0', (limit) => limit > 0),
  averageWeights: optional<boolean>(header),
  lanes: optional<number>(whole(1, 4096)),
  shuffleBuffer: optional<number | string>(size(1, 4096 * MEBIBYTE, '1 … 4GiB')),
  shuffle: optional<boolean>(header),
  cache: optional<string>(text('a folder')),

  validation: optional<number | Names>(validation),
  patience: optional<number>(whole(1, 2 ** 31 - 1)),
  minImprovement: finite('a fraction, 0 or more and below 1', (share) => share >= 0 && share < 1),

  workers: optional<number>(workers),
  maxWorkerFailures: optional<number>(whole(1, 2 ** 31 - 1)),
  shards: finite('a power of two, 1 … 256', (shards) => POWERS_OF_TWO.includes(shards)),
  seed: optional<number>(whole(0, 2 ** 32 - 1)),
  placement: optional<NonNullable<TrainOptions['placement']>>(oneOf(placements)),
  backend: optional<NonNullable<TrainOptions['backend']>>(oneOf(backends)),
  memory: optional<number | string>(memory),
  blockBytes: optional<number | string>(size(64, 256 * MEBIBYTE, '64 … 256MiB')),

  out: optional<string>(text('a path')),
  checkpoint: optional<string>(text('a folder')),
  checkpointEvery: optional<number | string>(checkpointInterval),
  resume: optional<boolean>(header),
  control: optional<RunControl>(control),
  signal: optional<AbortSignal>(signal),
  ...sinkRules(),
} satisfies Record<keyof TrainOptions, z.ZodType>)

/** Names of the options of `train`. */
export const trainOptionNames: readonly string[] = Object.keys(schema.shape)

/** Options that can be written down: all but those that only a program has. */
export const writtenOptionNames = trainOptionNames.filter((name) => !['control', 'signal'].includes(name))

/**
 * Checks the options of `train` and fills in the defaults.
 *
 * Paths and column names are not looked up here: that takes the input.
 *
 * @throws MillraceError of kind `usage`, naming the option, what was expected and what was given.
 */
export function resolveOptions(options: TrainOptions): ResolvedOptions {
  const result = schema.safeParse(options)
  if (!result.success) throw explain(result.error.issues[0]!, options)
  const { input, target, workers, ...given } = result.data
  const held = parseValidation(given.validation ?? defaults.validation)!
  const resolved: ResolvedOptions = {
    ...defaults,
    ...withoutUndefined(given),
    input: namesOrSource(input),
    target,
    features: given.features === undefined ? undefined : splitNames(given.features),
    ignore: splitNames(given.ignore ?? defaults.ignore),
    numeric: splitNames(given.numeric ?? defaults.numeric),
    categorical: splitNames(given.categorical ?? defaults.categorical),
    dates: splitNames(given.dates ?? defaults.dates),
    interactions: parsePairs(given.interactions ?? defaults.interactions)!,
    na: splitNames(given.na ?? defaults.na),
    weight: given.weight,
    classWeight: given.classWeight === undefined ? undefined : parseClassWeights(given.classWeight),
    delimiter: given.delimiter === undefined ? undefined : character(given.delimiter),
    quote: character(given.quote ?? defaults.quote),
    comment: given.comment === undefined ? undefined : character(given.comment),
    encoding: given.encoding,
    cache: given.cache,
    maxBadRows: given.maxBadRows === undefined ? defaults.maxBadRows : parseBadRowLimit(given.maxBadRows)!,
    loss: given.loss,
    huberDelta: given.huberDelta,
    quantile: given.quantile,
    tweediePower: given.tweediePower,
    initModel: given.initModel,
    ...(given.initModel === undefined ? {} : { given: new Set(Object.keys(withoutUndefined(result.data))) }),
    hidden: given.hidden === undefined ? undefined : parseLayerSizes(given.hidden),
    embedding: given.embedding,
    optimizer: given.optimizer ?? (given.hidden === undefined ? defaults.optimizer : networkOptimizer),
    hashBits: given.hashBits,
    maxCategories: given.maxCategories ?? (hashesAll(given) ? 0 : defaults.maxCategories),
    batchSize: given.batchSize,
    epochs: given.epochs,
    learningRate: given.learningRate,
    schedule: given.schedule,
    l2: given.l2,
    optimizerSettings: parseSettings(given.optimizerSettings ?? defaults.optimizerSettings)!,
    scheduleSettings: parseSettings(given.scheduleSettings ?? defaults.scheduleSettings)!,
    weightDecay: given.weightDecay,
    clipNorm: given.clipNorm,
    clipValue: given.clipValue,
    averageWeights: given.averageWeights,
    lanes: given.lanes,
    validation: held.share,
    validationFiles: held.files,
    patience: given.patience,
    shuffleBuffer: parseSize(given.shuffleBuffer ?? defaults.shuffleBuffer),
    workers: workers ?? availableCpus(),
    memory: parseSize(given.memory ?? defaults.memory),
    blockBytes: given.blockBytes === undefined ? undefined : parseSize(given.blockBytes),
    out: given.out,
    checkpoint: given.checkpoint,
    checkpointEvery:
      given.checkpointEvery === undefined
        ? defaults.checkpointEvery
        : parseCheckpointInterval(given.checkpointEvery)!,
    control: given.control,
    signal: given.signal,
  }
  checkTogether(resolved, given)
  checkMemory(resolved.memory)
  return resolved
}

/** Whoever names the size of the hash and nothing of a vocabulary wants all values hashed, as in Vowpal Wabbit. */
function hashesAll({ hashBits, minCount }: Pick<TrainOptions, 'hashBits' | 'minCount'>): boolean {
  return hashBits !== undefined && minCount === undefined
}

function explain(issue: z.core.$ZodIssue, options: TrainOptions): MillraceError {
  if (issue.code === 'unrecognized_keys') return unknownOption(issue.keys[0]!, trainOptionNames)
  const option = String(issue.path[0] ?? 'options')
  const given =
    typeof options === 'object' && options !== null ? options[option as keyof TrainOptions] : options
  return wrongOption(option, option === 'options' ? 'an object' : issue.message, given)
}

/** An option that is given as undefined takes its default, as one that is left out. */
function withoutUndefined<Options extends object>(
  options: Options,
): { [K in keyof Options]?: Exclude<Options[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof Options]?: Exclude<Options[K], undefined> }
}
