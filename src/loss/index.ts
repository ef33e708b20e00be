import { logistic } from './logistic.js'
import type { Loss, LossFactory } from './loss.js'
import { softmax } from './softmax.js'
import { squared } from './squared.js'

export type { Loss, LossFactory, LossKernelNames, TargetKind } from './loss.js'

/** Every loss by its name. A new one is a file, a line here, a row in test/contract/losses.test.ts and its kernel twin. */
export const losses = { squared, logistic, softmax }

export type LossName = keyof typeof losses

/** Settings by the names of their options; those that a loss does not have are passed over. */
export type LossSettings = Readonly<Record<string, number | undefined>>

/**
 * Makes a loss; settings that are left out take their defaults. `scale`: units of the target in one unit of y, its standard
 * deviation where it was standardised.
 *
 * @throws MillraceError of kind `usage` where a setting is out of its range.
 */
export function createLoss(name: LossName, given: LossSettings = {}, scale = 1): Loss {
  const factory = losses[name] as LossFactory<Record<string, number>>
  const settings = factory.defaults(scale)
  for (const setting of Object.keys(settings)) settings[setting] = given[setting] ?? settings[setting]!
  const { targetKind, kernel, outputs } = factory
  return { name, targetKind, kernel, outputs, settings, ...factory.create(settings, scale) }
}
