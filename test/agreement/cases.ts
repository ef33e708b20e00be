import type { LossName } from '../../src/loss/index.js'
import type { TrainOptions } from '../../src/options.js'

export interface Case {
  readonly name: string
  readonly options: Omit<TrainOptions, 'input' | 'out'>
}

const targets = ['delay', 'late', 'band', 'minutes', 'trip']

const targetOf: Readonly<Record<LossName, string>> = {
  squared: 'delay',
  huber: 'delay',
  quantile: 'delay',
  poisson: 'minutes',
  gamma: 'trip',
  tweedie: 'minutes',
  logistic: 'late',
  hinge: 'late',
  'squared-hinge': 'late',
  softmax: 'band',
}

const interactions = 'origin:destination,origin:distance'

/** All encoders, activations and shapes of a network, dealt to the losses. */
const shapes: readonly { linear: Partial<TrainOptions>; network: Partial<TrainOptions> }[] = [
  { linear: { interactions }, network: { hidden: '8,5', activation: 'relu' } },
  { linear: { hashBits: 10 }, network: { hidden: '7', activation: 'gelu', layerNorm: true } },
  { linear: { maxCategories: 20 }, network: { hidden: '9,6', activation: 'tanh', interactions } },
  {
    linear: { standardize: false, learningRate: 1e-6 },
    network: { hidden: '5', activation: 'sigmoid', hashBits: 8 },
  },
  {
    linear: { interactions, hashBits: 12 },
    network: { hidden: '12,4,3', activation: 'silu', layerNorm: true },
  },
  { linear: { minCount: 5 }, network: { hidden: '6', activation: 'leaky-relu', maxCategories: 40 } },
]

/** A linear model and a network for every loss. */
export const cases: readonly Case[] = Object.entries(targetOf).flatMap(([loss, target], i) => {
  const ignore = ['id', ...targets.filter((name) => name !== target)]
  const base = { loss: loss as LossName, target, ignore, dates: 'date', numeric: 'hour', epochs: 1, seed: i }
  const { linear, network } = shapes[i % shapes.length]!
  return [
    { name: `${loss}, linear`, options: { ...base, ...linear } },
    { name: `${loss}, network`, options: { ...base, ...network } },
  ]
})
