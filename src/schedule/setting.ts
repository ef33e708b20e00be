import { usageError } from '../errors.js'

/** The value, where `holds`; written positively, so that NaN is refused. */
export function checked(
  schedule: string,
  setting: string,
  value: number,
  expected: string,
  holds: boolean,
): number {
  if (holds) return value
  throw usageError(
    'SCHEDULE_SETTING',
    `${setting} of the schedule ${schedule} must be ${expected}, got ${value}`,
    `leave ${setting} out for its default`,
    { option: 'scheduleSettings' },
  )
}

/** The value, where it is a share of the first rate: 0 ≤ share ≤ 1. */
export function share(schedule: string, setting: string, value: number): number {
  return checked(schedule, setting, value, 'at least 0 and at most 1', value >= 0 && value <= 1)
}

/** The value, where it is above 0 and below 1. */
export function between(schedule: string, setting: string, value: number): number {
  return checked(schedule, setting, value, 'above 0 and below 1', value > 0 && value < 1)
}

/** The value, where it is a whole number of at least `least`. */
export function whole(schedule: string, setting: string, value: number, least: number): number {
  const holds = Number.isSafeInteger(value) && value >= least
  return checked(schedule, setting, value, `a whole number of at least ${least}`, holds)
}
