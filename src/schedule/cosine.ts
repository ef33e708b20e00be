import { halfCosine } from '../numeric/cos.js'
import type { FinalShare } from './linear.js'
import { stepsDone } from './run-length.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { share } from './setting.js'

/**
 * A rate that falls over the run, slowly at first and at the end.
 *
 *     lr(t) = lr₀ · (final + (1 − final) · (1 + cos(π·(t − 1) / T)) / 2)
 *
 * T: steps of the run; beyond them the rate stays.
 * Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5, without
 * restarts.
 */
export const cosine: ScheduleFactory<FinalShare> = {
  defaults: { final: 0 },
  create({ learningRate, steps }, settings): Schedule {
    const final = share('cosine', 'final', settings.final)
    const done = stepsDone(steps())
    return {
      name: 'cosine',
      rate: (step) => learningRate * (final + (1 - final) * halfCosine(done(step))),
    }
  },
}
