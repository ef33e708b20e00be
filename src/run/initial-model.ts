import { createHash } from 'node:crypto'
import { decodeModel, encodeModel } from '../artifact/model-bytes.js'
import { namingPath, readModelBytes } from '../artifact/model-file.js'
import type { MillraceError } from '../errors.js'
import type { TrainedModel } from '../model/index.js'
import { createOptimizer } from '../optimizer/index.js'
import { conflict } from '../options/model.js'
import { defaults, networkOptimizer, type InitialModelSource, type ResolvedOptions } from '../options.js'
import { interactionName } from '../schema/interactions.js'
import { featureColumns, isDense, type ColumnSchema, type Schema } from '../schema/schema.js'

/** A model that a run goes on from. */
export interface InitialModel {
  readonly model: TrainedModel
  /** SHA-256 of its file, in hex. */
  readonly fingerprint: string
}

/** Reads the initial model, where there is one. Throws as loadTrainedModel does. */
export async function openInitialModel(
  source: InitialModelSource | undefined,
): Promise<InitialModel | undefined> {
  if (source === undefined) return undefined
  if (typeof source === 'string') {
    const bytes = await readModelBytes(source)
    return namingPath(source, () => initialModel(bytes))
  }
  return initialModel(source instanceof Uint8Array ? source : encodeModel(source))
}

function initialModel(bytes: Uint8Array): InitialModel {
  return { model: decodeModel(bytes), fingerprint: createHash('sha256').update(bytes).digest('hex') }
}

/**
 * The options of a run that goes on from a model: what makes the model is the model's; how it is trained, the run's own;
 * how the CSV is written, the model's where it is not given.
 *
 * Throws a usage error where an option was given that the model contradicts.
 */
export function continuedOptions(
  options: ResolvedOptions,
  { model, fingerprint }: InitialModel,
): ResolvedOptions {
  checkAgreement(options, model)
  const { given = new Set<string>(), ...rest } = options
  const { dialect } = model.schema
  const network = model.kind === 'network' ? model.network : undefined
  const optimizer = given.has('optimizer')
    ? options.optimizer
    : network === undefined
      ? defaults.optimizer
      : networkOptimizer
  return {
    ...rest,
    initModel: fingerprint,
    loss: model.loss,
    ...model.lossSettings,
    hidden: network?.hidden,
    activation: network?.activation ?? defaults.activation,
    layerNorm: network?.layerNorm ?? defaults.layerNorm,
    embedding: network?.embedding,
    optimizer,
    standardize: isStandardized(model.schema),
    weight: model.schema.columns.find(({ kind }) => kind === 'weight')?.name,
    interactions: model.schema.interactions.map(({ columns }) => columns),
    na: dialect.missingTokens,
    quote: given.has('quote') ? options.quote : (dialect.quote ?? ''),
    comment: given.has('comment') ? options.comment : dialect.comment,
    decimal: given.has('decimal') ? options.decimal : dialect.decimal,
    header: given.has('header') ? options.header : dialect.header,
  }
}

function isStandardized({ columns }: Schema): boolean {
  const scalings = columns
    .filter(isDense)
    .flatMap((column) => (column.kind === 'date' ? column.parts : column))
  return scalings.some(({ mean, scale }) => mean !== 0 || scale !== 1)
}

/** What the model has where an option asks for something else; undefined where the two agree. */
type Disagreement = (options: ResolvedOptions, model: TrainedModel) => string | undefined

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const sameSet = (a: readonly string[], b: readonly string[]): boolean => same([...a].sort(), [...b].sort())

const ofNetwork =
  (option: 'activation' | 'layerNorm' | 'embedding'): Disagreement =>
  (options, model) => {
    if (model.kind === 'linear') return 'is linear'
    const has = model.network[option]
    return has === options[option] ? undefined : `has ${option} ${String(has)}`
  }

const ofLoss =
  (option: 'huberDelta' | 'quantile' | 'tweediePower'): Disagreement =>
  (options, { loss, lossSettings }) => {
    const has = lossSettings[option]
    if (has === options[option]) return undefined
    return has === undefined ? `has the loss ${loss}, which has no such setting` : `has ${option} ${has}`
  }

/** Every named column must be of one of these kinds in the model. */
const ofColumns =
  (
    option: 'features' | 'numeric' | 'categorical' | 'dates' | 'ignore',
    agrees: (column: ColumnSchema) => boolean,
  ): Disagreement =>
  (options, { schema }) => {
    const named = new Set(options[option])
    const odd = schema.columns.find((column) => named.has(column.name) && !agrees(column))
    if (odd !== undefined) return `has ${JSON.stringify(odd.name)} as ${kindName(odd)}`
    const known = schema.columns.map(({ name }) => name)
    const unknown = option === 'ignore' ? undefined : [...named].find((name) => !known.includes(name))
    return unknown === undefined ? undefined : `has no column ${JSON.stringify(unknown)}`
  }

const isFeature = (column: ColumnSchema): boolean => isDense(column) || column.kind === 'category'

function kindName({ kind }: ColumnSchema): string {
  return (
    { ignored: 'a column to leave out', target: 'the target', weight: 'the weight' }[kind as string] ??
    `a ${kind}`
  )
}

/** The options that the model answers, by name. */
const disagreements: Readonly<Partial<Record<keyof ResolvedOptions, Disagreement>>> = {
  target: ({ target }, { schema }) =>
    target === schema.target.name ? undefined : `predicts ${JSON.stringify(schema.target.name)}`,
  loss: ({ loss }, model) => (loss === model.loss ? undefined : `has the loss ${model.loss}`),
  huberDelta: ofLoss('huberDelta'),
  quantile: ofLoss('quantile'),
  tweediePower: ofLoss('tweediePower'),
  hidden({ hidden }, model) {
    if (model.kind === 'linear') return 'is linear'
    return same(hidden, model.network.hidden)
      ? undefined
      : `has hidden layers of ${model.network.hidden.join(',')}`
  },
  activation: ofNetwork('activation'),
  layerNorm: ofNetwork('layerNorm'),
  embedding: ofNetwork('embedding'),
  init: () => 'has its weights: none are drawn',
  dropout: ({ dropout }, { kind }) => (dropout > 0 && kind === 'linear' ? 'is linear' : undefined),
  na: ({ na }, { schema }) =>
    sameSet(na, schema.dialect.missingTokens)
      ? undefined
      : `takes ${schema.dialect.missingTokens.join(',') || 'no text'} for missing`,
  standardize: ({ standardize }, { schema }) =>
    standardize === isStandardized(schema) || !schema.columns.some(isDense)
      ? undefined
      : `${standardize ? 'leaves' : 'does not leave'} numbers as they are`,
  weight({ weight }, { schema }) {
    const has = schema.columns.find(({ kind }) => kind === 'weight')?.name
    if (weight === has) return undefined
    return has === undefined ? 'has no column of weights' : `has the weights ${JSON.stringify(has)}`
  },
  features(options, model) {
    const features = new Set(options.features)
    const other = model.schema.columns.find((column) => isFeature(column) && !features.has(column.name))
    return other === undefined
      ? ofColumns('features', isFeature)(options, model)
      : `has the feature ${JSON.stringify(other.name)} too`
  },
  ignore: ofColumns('ignore', ({ kind }) => kind === 'ignored'),
  numeric: ofColumns('numeric', ({ kind }) => kind === 'number' || kind === 'boolean'),
  categorical: ofColumns('categorical', ({ kind }) => kind === 'category'),
  dates: ofColumns('dates', ({ kind }) => kind === 'date'),
  interactions({ interactions }, { schema }) {
    const pairs = (of: typeof interactions): string[] => of.map((pair) => JSON.stringify([...pair].sort()))
    const has = schema.interactions.map(({ columns }) => columns)
    return sameSet(pairs(interactions), pairs(has))
      ? undefined
      : `has ${has.map(interactionName).join(',') || 'no interactions'}`
  },
  hashBits({ hashBits }, { schema }) {
    const { sharedBuckets } = schema
    const buckets =
      sharedBuckets === undefined
        ? featureColumns(schema).categories.map((slot) => slot.buckets)
        : [sharedBuckets]
    const other = buckets.find((of) => of !== 2 ** hashBits!)
    return other === undefined ? undefined : `has ${other} buckets`
  },
}

/** Whether an option can be left to the initial model; where it is given, it must agree. */
export function isAnsweredByModel(option: string): boolean {
  return Object.hasOwn(disagreements, option)
}

function checkAgreement(options: ResolvedOptions, model: TrainedModel): void {
  for (const [option, disagreement] of Object.entries(disagreements)) {
    if (options.given?.has(option) !== true) continue
    const has = disagreement(options, model)
    if (has !== undefined) throw contradiction(option, has)
  }
  const { optimizer } = options
  if (options.given?.has('optimizer') === true && createOptimizer(optimizer, {}).appliesPenalties === true) {
    throw conflict(
      'optimizer',
      `${optimizer} makes its weights anew from 0, where a model that goes on does not begin`,
      'take another one',
    )
  }
}

function contradiction(option: string, has: string): MillraceError {
  const hint =
    option === 'target'
      ? 'name that one; a model of another target is trained anew, without --init-model'
      : 'leave it out: the model stays what it is; or train anew, without --init-model'
  return conflict(option, `the initial model ${has}`, hint)
}
