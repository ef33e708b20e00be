import { usageError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { constant } from './constant.js'
import { cosine } from './cosine.js'
import { exponential } from './exponential.js'
import { inverseScaling } from './inverse-scaling.js'
import { linear } from './linear.js'
import { oneCycle } from './one-cycle.js'
import { plateau } from './plateau.js'
import type { Schedule, ScheduleFactory } from './schedule.js'
import { step } from './step.js'
import { warmUp } from './warm-up.js'

export type { Schedule } from './schedule.js'

/** Every schedule by the name that `--schedule` takes. */
export const schedules = {
  constant,
  'inverse-scaling': inverseScaling,
  step,
  exponential,
  linear,
  cosine,
  'one-cycle': oneCycle,
  plateau,
}

export type ScheduleName = keyof typeof schedules

export interface ScheduleOptions {
  /** The rate that the schedule starts from: finite, > 0. */
  learningRate: number
  /** Steps of linear warm-up in front: a whole number ≥ 0. Default 0. */
  warmup?: number
  /** Steps of the whole run, as far as they are known before it. */
  steps?: number | undefined
  /** Of this schedule, and `steps` where the run is not to be measured by its own. */
  settings?: Readonly<Record<string, number>>
}

/** Makes a schedule. Throws a usage error where an option is out of range, or the schedule needs steps that are not known. */
export function createSchedule(name: ScheduleName, options: ScheduleOptions): Schedule {
  const { learningRate, warmup = 0, settings = {} } = options
  const factory = schedules[name] as ScheduleFactory<object>
  check('learning rate', 'a finite number above 0', learningRate, learningRate > 0 && learningRate < Infinity)
  check('warm-up', 'a whole number of steps, at least 0', warmup, Number.isSafeInteger(warmup) && warmup >= 0)
  const { steps = options.steps, ...own } = settings
  if (steps !== undefined) check('number of steps', 'at least 1', steps, steps >= 1 && steps < Infinity)
  checkNames(name, own, Object.keys(factory.defaults))
  const basis = {
    learningRate,
    steps: (): number => {
      if (steps === undefined) throw unknownLength(name)
      return Math.max(1, Math.round(steps) - warmup)
    },
  }
  return warmUp(factory.create(basis, { ...factory.defaults, ...own }), warmup)
}

function checkNames(schedule: ScheduleName, settings: object, known: readonly string[]): void {
  const unknown = Object.keys(settings).find((setting) => !known.includes(setting))
  if (unknown === undefined) return
  throw usageError(
    'SCHEDULE_SETTING',
    `the schedule ${schedule} has no setting ${JSON.stringify(unknown)}`,
    didYouMean(unknown, [...known, 'steps']),
    { option: 'scheduleSettings' },
  )
}

/** The rates of later steps would have to be guessed. */
function unknownLength(schedule: ScheduleName): Error {
  return usageError(
    'SCHEDULE_LENGTH',
    `the schedule ${schedule} needs the number of steps, which is not known before a stream has been read`,
    'give it (--schedule-settings steps=10000), or take constant, inverse-scaling or plateau',
    { option: 'schedule' },
  )
}

function check(what: string, expected: string, value: number, holds: boolean): void {
  if (holds) return
  throw usageError(
    'SCHEDULE_SETTING',
    `the ${what} must be ${expected}, got ${value}`,
    'leave it out for the default',
  )
}
