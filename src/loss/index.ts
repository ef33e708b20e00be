import { usageError } from '../errors.js'
import { gamma, gammaEquations } from './gamma.js'
import { hinge, hingeEquations } from './hinge.js'
import { huber, huberEquations } from './huber.js'
import { logistic, logisticEquations } from './logistic.js'
import type { CreateEquations, Loss, LossFacts } from './loss.js'
import { poisson, poissonEquations } from './poisson.js'
import { quantile, quantileEquations } from './quantile.js'
import { softmax, softmaxEquations } from './softmax.js'
import { squared, squaredEquations } from './squared.js'
import { squaredHinge, squaredHingeEquations } from './squared-hinge.js'
import { tweedie, tweedieEquations } from './tweedie.js'

export type { Loss, LossFacts, LossKernelNames, LossSetting } from './loss.js'

/** Every loss by its name. A new one is a file, a line here and below, a row in test/contract/losses.test.ts and its kernel twin. */
export const losses = {
  squared,
  huber,
  quantile,
  poisson,
  gamma,
  tweedie,
  logistic,
  hinge,
  'squared-hinge': squaredHinge,
  softmax,
}

export type LossName = keyof typeof losses

type SettingOf<Name extends LossName> = Extract<keyof (typeof losses)[Name]['settings'], string>

export const lossNames = Object.keys(losses) as LossName[]

/** Apart from the facts: predicting needs only those, and `millrace/predict` is to be small. */
const equations: { readonly [Name in LossName]: CreateEquations<SettingOf<Name>> } = {
  squared: squaredEquations,
  huber: huberEquations,
  quantile: quantileEquations,
  poisson: poissonEquations,
  gamma: gammaEquations,
  tweedie: tweedieEquations,
  logistic: logisticEquations,
  hinge: hingeEquations,
  'squared-hinge': squaredHingeEquations,
  softmax: softmaxEquations,
}

/** The settings of all losses. */
export type LossSettingName = { [Name in LossName]: SettingOf<Name> }[LossName]

/** Settings by the names of their options; those that a loss does not have are passed over. */
export type LossSettings = Readonly<Partial<Record<LossSettingName, number | undefined>>>

/** What a loss is, whatever its settings. */
export function lossFacts(name: LossName): LossFacts {
  return losses[name]
}

/**
 * Makes a loss; settings that are left out take their defaults. `scale`: units of the target in one unit of y, its standard
 * deviation where it was standardised.
 *
 * @throws MillraceError of kind `usage` where a setting is out of its range.
 */
export function createLoss(name: LossName, given: LossSettings = {}, scale = 1): Loss {
  const settings = checkedSettings(name, given, scale)
  const create = (equations as Readonly<Record<LossName, CreateEquations>>)[name]
  return { ...lossFacts(name), name, settings, ...create(settings, scale) }
}

/** All settings of a loss. Throws as createLoss does. */
export function checkedSettings(name: LossName, given: LossSettings, scale = 1): Record<string, number> {
  const entries = Object.entries(lossFacts(name).settings).map(
    ([setting, { expected, holds, byDefault }]) => {
      const value = given[setting as LossSettingName] ?? byDefault(scale)
      if (holds(value)) return [setting, value]
      const message = `${setting}: expected ${expected}, got ${value}`
      throw usageError('OPTION_VALUE', message, 'leave it out for its default', { option: setting })
    },
  )
  return Object.fromEntries(entries) as Record<string, number>
}
