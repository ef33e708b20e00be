import { halfCosine } from '../numeric/cos.js'
import { stepsDone } from './run-length.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { between } from './setting.js'

export interface OneCycleSettings {
  /** Share of the run in which the rate rises: 0 < rise < 1. */
  rise: number
  /** What it starts from, as a share of the highest rate: 0 < start < 1. */
  start: number
  /** What would be left one step after the run, as a share of the highest rate: 0 < final < 1. */
  final: number
}

/**
 * A rate that rises to lr₀ and then falls far below where it began, both along half a cosine.
 *
 *     s = (t − 1) / T
 *     lr(t) = lr₀ · (1 + (start − 1) · h(s / rise))                    for s < rise
 *     lr(t) = lr₀ · (final + (1 − final) · h((s − rise) / (1 − rise)))  after that      h(x) = (1 + cos(π·x)) / 2
 *
 * T: steps of the run; beyond them the rate stays.
 * Source: L. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large learning rates",
 * 2018; cosines and defaults are PyTorch's (whose final share is of the start).
 */
export const oneCycle: ScheduleFactory<OneCycleSettings> = {
  defaults: { rise: 0.3, start: 0.04, final: 4e-6 },
  create({ learningRate, steps }, settings): Schedule {
    const rise = between('one-cycle', 'rise', settings.rise)
    const start = between('one-cycle', 'start', settings.start)
    const final = between('one-cycle', 'final', settings.final)
    const done = stepsDone(steps())
    return {
      name: 'one-cycle',
      rate(step): number {
        const s = done(step)
        return s < rise
          ? learningRate * (1 + (start - 1) * halfCosine(s / rise))
          : learningRate * (final + (1 - final) * halfCosine((s - rise) / (1 - rise)))
      },
    }
  },
}
