import { usageError } from '../errors.js'
import { constant } from './constant.js'
import { inverseScaling } from './inverse-scaling.js'
import type { Schedule, ScheduleFactory, ScheduleSettings } from './schedule.js'
import { warmUp } from './warm-up.js'

export type { Schedule } from './schedule.js'

/** Every schedule by the name that `--schedule` takes. */
export const schedules = { constant, 'inverse-scaling': inverseScaling } satisfies Record<
  string,
  ScheduleFactory
>

export type ScheduleName = keyof typeof schedules

export interface ScheduleOptions {
  /** The rate that the schedule starts from: finite, > 0. */
  learningRate: number
  /** The power with which inverse-scaling falls: finite, ≥ 0. Default ½. */
  power?: number
  /** Steps of linear warm-up in front: a whole number ≥ 0. Default 0. */
  warmup?: number
}

/** Makes a schedule. Throws a usage error where an option is out of range. */
export function createSchedule(name: ScheduleName, options: ScheduleOptions): Schedule {
  const { learningRate, power = 0.5, warmup = 0 } = options
  check('learning rate', 'a finite number above 0', learningRate, learningRate > 0 && learningRate < Infinity)
  check('schedule power', 'a finite number of at least 0', power, power >= 0 && power < Infinity)
  check('warm-up', 'a whole number of steps, at least 0', warmup, Number.isSafeInteger(warmup) && warmup >= 0)
  const settings: ScheduleSettings = { learningRate, power }
  return warmUp(schedules[name](settings), warmup)
}

function check(what: string, expected: string, value: number, holds: boolean): void {
  if (holds) return
  throw usageError(
    'schedule-option',
    `the ${what} must be ${expected}, got ${value}`,
    'leave it out for the default',
  )
}
