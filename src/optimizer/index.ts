import { adagrad } from './adagrad.js'
import { adam } from './adam.js'
import { momentum } from './momentum.js'
import type { Optimizer, OptimizerFactory } from './optimizer.js'
import { sgd } from './sgd.js'

export { WeightAverage } from './averaging.js'
export type { Descent, Optimizer, StateVector } from './optimizer.js'

/** Every optimizer by the name that `--optimizer` takes. */
export const optimizers = { sgd, momentum, adam, adagrad }

export type OptimizerName = keyof typeof optimizers

/** The settings of an optimizer besides its learning rate. */
export type OptimizerSettings<Name extends OptimizerName> = (typeof optimizers)[Name]['defaults']

/** Makes an optimizer; settings that are left out take their defaults. Throws a usage error where one is out of range. */
export function createOptimizer<Name extends OptimizerName>(
  name: Name,
  settings: Partial<OptimizerSettings<Name>> = {},
): Optimizer {
  const factory = optimizers[name] as OptimizerFactory<object>
  return factory.create({ ...factory.defaults, ...settings })
}
