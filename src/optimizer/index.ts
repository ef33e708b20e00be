import { usageError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { adagrad } from './adagrad.js'
import { adam } from './adam.js'
import { adamw } from './adamw.js'
import { ftrl } from './ftrl.js'
import { momentum } from './momentum.js'
import { nesterov } from './nesterov.js'
import type { Optimizer, OptimizerFactory } from './optimizer.js'
import { rmsprop } from './rmsprop.js'
import { sgd } from './sgd.js'

export { WeightAverage } from './averaging.js'
export type { Descent, Optimizer } from './optimizer.js'
export { noPenalties, type Penalties } from './penalties.js'

/** Every optimizer by the name that `--optimizer` takes. */
export const optimizers = {
  sgd,
  momentum,
  nesterov,
  adagrad,
  rmsprop,
  adam,
  adamw,
  ftrl,
}

export type OptimizerName = keyof typeof optimizers

/** The settings of an optimizer besides its learning rate. */
export type OptimizerSettings<Name extends OptimizerName> = (typeof optimizers)[Name]['defaults']

/**
 * Makes an optimizer; settings that are left out take their defaults. Throws a usage error where one is out of range, or
 * none of the optimizer's.
 */
export function createOptimizer<Name extends OptimizerName>(
  name: Name,
  settings: Partial<OptimizerSettings<Name>> | Readonly<Record<string, number>> = {},
): Optimizer {
  const factory = optimizers[name] as OptimizerFactory<object>
  const known = Object.keys(factory.defaults)
  const unknown = Object.keys(settings).find((setting) => !known.includes(setting))
  if (unknown !== undefined) {
    throw usageError(
      'OPTIMIZER_SETTING',
      `the optimizer ${name} has no setting ${JSON.stringify(unknown)}`,
      didYouMean(unknown, known),
      { option: 'optimizerSettings' },
    )
  }
  return factory.create({ ...factory.defaults, ...settings })
}
