import { stepsDone } from './run-length.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { share } from './setting.js'

export interface FinalShare {
  /** What would be left of the rate one step after the run: 0 ≤ final ≤ 1. */
  final: number
}

/**
 * A rate that falls in a straight line over the run.
 *
 *     lr(t) = lr₀ · (1 − (1 − final) · (t − 1) / T)
 *
 * T: steps of the run; beyond them the rate stays.
 */
export const linear: ScheduleFactory<FinalShare> = {
  defaults: { final: 0 },
  create({ learningRate, steps }, settings): Schedule {
    const final = share('linear', 'final', settings.final)
    const done = stepsDone(steps())
    return { name: 'linear', rate: (step) => learningRate * (1 - (1 - final) * done(step)) }
  },
}
