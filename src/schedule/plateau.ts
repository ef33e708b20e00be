import type { Schedule, ScheduleFactory } from './schedule.js'
import { between, checked, whole } from './setting.js'

const LEAST_SHARE = 2 ** -500

export interface PlateauSettings {
  /** What the rate is multiplied by: 0 < factor < 1. */
  factor: number
  /** Epochs without improvement that are let pass, a whole number ≥ 0. */
  patience: number
  /** Share of the best loss by which a better one must be below it: 0 ≤ threshold < 1. */
  threshold: number
}

/**
 * A rate that falls when the loss no longer does.
 *
 *     lr(t) = lr₀ · factorᵏ        k: how often `patience` + 1 epochs one after the other were no better than the best before
 *
 * The loss is that of the held-out rows, or without them the progressive one. It ends at 2⁻⁵⁰⁰ of lr₀ before it would be 0.
 * As PyTorch's ReduceLROnPlateau, whose default patience is 10.
 */
export const plateau: ScheduleFactory<PlateauSettings> = {
  defaults: { factor: 0.1, patience: 2, threshold: 1e-4 },
  create({ learningRate }, settings): Schedule {
    const factor = between('plateau', 'factor', settings.factor)
    const patience = whole('plateau', 'patience', settings.patience, 0)
    const { threshold } = settings
    checked('plateau', 'threshold', threshold, 'at least 0 and below 1', threshold >= 0 && threshold < 1)
    /** Share of the rate that is left, best loss, epochs without a better one. */
    const state = Float64Array.of(1, Infinity, 0)
    return {
      name: 'plateau',
      state,
      rate: () => learningRate * state[0]!,
      observe(loss): void {
        const [left, best, worse] = state as unknown as [number, number, number]
        // Losses may be below 0: those of the gamma and Poisson families are known but for a constant.
        const better = best === Infinity ? loss < best : loss < best - threshold * Math.abs(best)
        if (better) state[1] = loss
        state[2] = better ? 0 : worse + 1
        if (state[2] <= patience) return
        state[2] = 0
        state[0] = Math.max(left * factor, LEAST_SHARE)
      },
    }
  },
}
