import { usageError } from '../errors.js'
import { gamma } from './gamma.js'
import { hinge } from './hinge.js'
import { huber } from './huber.js'
import { logistic } from './logistic.js'
import type { Loss, LossFactory } from './loss.js'
import { poisson } from './poisson.js'
import { quantile } from './quantile.js'
import { softmax } from './softmax.js'
import { squared } from './squared.js'
import { squaredHinge } from './squared-hinge.js'
import { tweedie } from './tweedie.js'

export type { Loss, LossFactory, LossKernelNames, LossSetting, TargetKind, TargetRange } from './loss.js'

/** Every loss by its name. A new one is a file, a line here, a row in test/contract/losses.test.ts and its kernel twin. */
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

export const lossNames = Object.keys(losses) as LossName[]

/** The settings of all losses. */
export type LossSettingName = { [Name in LossName]: keyof (typeof losses)[Name]['settings'] }[LossName]

/** Settings by the names of their options; those that a loss does not have are passed over. */
export type LossSettings = Readonly<Partial<Record<LossSettingName, number | undefined>>>

/** What a loss is, whatever its settings. */
export function lossFactory(name: LossName): LossFactory {
  return losses[name]
}

/**
 * Makes a loss; settings that are left out take their defaults. `scale`: units of the target in one unit of y, its standard
 * deviation where it was standardised.
 *
 * @throws MillraceError of kind `usage` where a setting is out of its range.
 */
export function createLoss(name: LossName, given: LossSettings = {}, scale = 1): Loss {
  const factory = lossFactory(name)
  const settings: Record<string, number> = {}
  for (const [setting, { expected, holds, byDefault }] of Object.entries(factory.settings)) {
    const value = given[setting as LossSettingName] ?? byDefault(scale)
    if (!holds(value)) {
      const message = `${setting}: expected ${expected}, got ${value}`
      throw usageError('option-value', message, 'leave it out for its default', { option: setting })
    }
    settings[setting] = value
  }
  return { ...factory, name, settings, ...factory.create(settings, scale) }
}
