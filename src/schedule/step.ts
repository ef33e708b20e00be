import { integerPower } from '../numeric/integer-power.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { between, whole } from './setting.js'

const LEAST_SHARE = 2 ** -500

export interface StepSettings {
  /** Steps from one fall to the next, a whole number ≥ 0. 0, the default: a third of the run, rounded up. */
  every: number
  /** What the rate is multiplied by at each fall: 0 < factor < 1. */
  factor: number
}

/**
 * A rate that falls in stairs.
 *
 *     lr(t) = lr₀ · factor^⌊(t − 1) / every⌋
 *
 * It ends at 2⁻⁵⁰⁰ of lr₀ before it would be 0.
 */
export const step: ScheduleFactory<StepSettings> = {
  defaults: { every: 0, factor: 0.1 },
  create({ learningRate, steps }, settings): Schedule {
    const factor = between('step', 'factor', settings.factor)
    const every = whole('step', 'every', settings.every, 0) || Math.ceil(steps() / 3)
    const left = (t: number): number => integerPower(factor, Math.floor((t - 1) / every))
    return { name: 'step', rate: (t) => learningRate * Math.max(left(t), LEAST_SHARE) }
  },
}
