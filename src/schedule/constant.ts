import type { ScheduleFactory } from './schedule.js'

/** The same rate at every step: lr(t) = lr₀. */
export const constant: ScheduleFactory<object> = {
  defaults: {},
  create: ({ learningRate }) => ({ name: 'constant', rate: () => learningRate }),
}
