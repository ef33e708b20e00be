import { pow } from '../numeric/log.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { checked } from './setting.js'

export interface InverseScalingSettings {
  /** p: finite, ≥ 0. */
  power: number
}

/**
 * A rate that falls with a power of the step.
 *
 *     lr(t) = lr₀ / tᵖ
 *
 * p = 0 is the constant schedule, ½ (the default) suits convex losses, 1 strongly convex ones. ½ and 1 are exact; other
 * powers come from our own exp and log, so that the rate has the same bits everywhere.
 * Source: M. Zinkevich, "Online convex programming and generalized infinitesimal gradient ascent", 2003 (p = ½).
 */
export const inverseScaling: ScheduleFactory<InverseScalingSettings> = {
  defaults: { power: 0.5 },
  create({ learningRate }, { power }): Schedule {
    checked(
      'inverse-scaling',
      'power',
      power,
      'a finite number of at least 0',
      power >= 0 && power < Infinity,
    )
    return { name: 'inverse-scaling', rate: (step) => learningRate / stepPower(step, power) }
  },
}

function stepPower(step: number, power: number): number {
  if (power === 0.5) return Math.sqrt(step)
  if (power === 1) return step
  return pow(step, power)
}
