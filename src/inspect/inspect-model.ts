import type { LossName } from '../loss/index.js'
import type { TrainedModel, NetworkSettings, Provenance } from '../model/index.js'
import { interactionSides } from '../schema/interactions.js'
import type {
  ColumnPair,
  ColumnSchema,
  Dialect,
  InteractionColumn,
  Schema,
  TargetColumn,
} from '../schema/schema.js'
import { coefficientsOf, type ScoreCoefficients } from './coefficients.js'
import { heaviestWeights, type HeavyWeight } from './heaviest-weights.js'
import { inputStrengths, type InputStrength } from './input-strengths.js'

export type { Coefficient, ColumnCoefficients, ScoreCoefficients } from './coefficients.js'
export type { HeavyWeight } from './heaviest-weights.js'
export type { InputStrength } from './input-strengths.js'

/** What a model file holds, in the words of its users; plain data. */
export interface ModelInspection extends Provenance {
  readonly kind: 'model'
  readonly file: string
  /** Of what it is made, where it is a network; else it is linear. */
  readonly network?: NetworkSettings
  readonly loss: LossName
  /** In the units of the data. */
  readonly lossSettings: Readonly<Record<string, number>>
  readonly dialect: Dialect
  readonly target: TargetColumn
  readonly columns: readonly ModelColumn[]
  readonly interactions: readonly ModelInteraction[]
  /** Buckets that all categories share, 0 where each has its own. */
  readonly sharedBuckets: number
  /** Weights and biases. */
  readonly parameters: number
  /** Of every score of a linear model, in the units of the data; none for a network. */
  readonly coefficients: readonly ScoreCoefficients[]
  /** Largest first; none for a network, whose weights say little by themselves. */
  readonly heaviest: readonly HeavyWeight[]
  /** Of a network: how strongly its first layer reads each column, the strongest first. */
  readonly strengths: readonly InputStrength[]
}

/** A column as the model reads it; a vocabulary is told by its size. */
export type ModelColumn =
  | Exclude<ColumnSchema, { kind: 'category' }>
  | { kind: 'category'; name: string; values: number; buckets: number }

/** An interaction; its vocabulary is told by its size. */
export interface ModelInteraction {
  readonly name: string
  readonly columns: ColumnPair
  /** The column whose number multiplies the weights; undefined where both are categories. */
  readonly factor?: string
  readonly values: number
  readonly buckets: number
}

/** Says what a model is. Time grows with its parameters. */
export function inspectModel(file: string, model: TrainedModel): ModelInspection {
  const { schema, loss, lossSettings, provenance } = model
  return {
    kind: 'model',
    file,
    ...(model.kind === 'network' ? { network: model.network } : {}),
    loss,
    lossSettings,
    target: schema.target,
    ...describeColumns(schema),
    parameters: parametersOf(model),
    coefficients: model.kind === 'linear' ? coefficientsOf(model) : [],
    heaviest: model.kind === 'linear' ? heaviestWeights(model) : [],
    strengths: model.kind === 'network' ? inputStrengths(model) : [],
    ...provenance,
    dialect: schema.dialect,
  }
}

function parametersOf(model: TrainedModel): number {
  const layers = model.kind === 'linear' ? [model] : model.layers
  return layers
    .flatMap((layer) => [
      layer.weights,
      layer.bias,
      'gain' in layer ? layer.gain : [],
      'shift' in layer ? layer.shift : [],
    ])
    .reduce((sum, part) => sum + (part?.length ?? 0), model.categoryWeights.length)
}

/** The columns of a schema, their vocabularies told by size. */
export function describeColumns(
  schema: Schema,
): Pick<ModelInspection, 'columns' | 'interactions' | 'sharedBuckets'> {
  return {
    columns: schema.columns.map(describeColumn),
    interactions: schema.interactions.map((interaction) => describeInteraction(schema, interaction)),
    sharedBuckets: schema.sharedBuckets ?? 0,
  }
}

function describeColumn(column: ColumnSchema): ModelColumn {
  if (column.kind !== 'category') return column
  return { kind: 'category', name: column.name, values: column.values.length, buckets: column.buckets }
}

function describeInteraction(schema: Schema, interaction: InteractionColumn): ModelInteraction {
  const { name, columns, values, buckets } = interaction
  const factor = interactionSides(schema.columns, columns)?.factor
  return { name, columns, ...(factor === undefined ? {} : { factor }), values: values.length, buckets }
}
