import { usageError } from '../errors.js'

/** The value, where it is in [0, 1): a factor by which something decays from step to step. */
export function decayFactor(optimizer: string, setting: string, value: number): number {
  if (value >= 0 && value < 1) return value
  throw outOfRange(optimizer, setting, 'at least 0 and below 1', value)
}

/** The value, where it is a finite number above 0. */
export function positive(optimizer: string, setting: string, value: number): number {
  if (value > 0 && value < Infinity) return value
  throw outOfRange(optimizer, setting, 'a finite number above 0', value)
}

/** The value, where it is a finite number of at least 0. */
export function notNegative(optimizer: string, setting: string, value: number): number {
  if (value >= 0 && value < Infinity) return value
  throw outOfRange(optimizer, setting, 'a finite number of at least 0', value)
}

function outOfRange(optimizer: string, setting: string, expected: string, value: number) {
  return usageError(
    'OPTIMIZER_SETTING',
    `${setting} of the optimizer ${optimizer} must be ${expected}, got ${value}`,
    `leave ${setting} out to use its default`,
  )
}
