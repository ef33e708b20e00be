import type { Schedule, ScheduleSettings } from './schedule.js'

/** The same rate at every step: lr(t) = lr₀. */
export function constant({ learningRate }: ScheduleSettings): Schedule {
  return { name: 'constant', rate: () => learningRate }
}
