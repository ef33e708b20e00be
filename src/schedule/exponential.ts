import { pow } from '../numeric/log.js'
import { stepsDone } from './run-length.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { between } from './setting.js'

export interface ExponentialSettings {
  /** What is left of the rate at the end: 0 < final < 1. */
  final: number
}

/**
 * A rate that falls by the same factor in every step of the run.
 *
 *     lr(t) = lr₀ · final^((t − 1) / T)
 *
 * T: steps of the run; beyond them the rate stays.
 */
export const exponential: ScheduleFactory<ExponentialSettings> = {
  defaults: { final: 0.01 },
  create({ learningRate, steps }, settings): Schedule {
    const final = between('exponential', 'final', settings.final)
    const done = stepsDone(steps())
    return { name: 'exponential', rate: (step) => learningRate * pow(final, done(step)) }
  },
}
