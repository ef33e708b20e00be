import type { Rule } from './rules.js'
import type { CheckpointInterval } from '../options.js'

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** `1000` and `1000steps`, or `30s`, `1.5m`, `1h`; undefined where it is neither a number of steps from 1 nor a time above 0. */
export function parseCheckpointInterval(interval: unknown): CheckpointInterval | undefined {
  if (typeof interval === 'number') return inSteps(interval)
  if (typeof interval !== 'string') return undefined
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/.exec(interval) ?? []
  if (number === undefined) return undefined
  if (unit === '' || unit === 'step' || unit === 'steps') return inSteps(Number(number))
  const seconds = Number(number) * (secondsOf[unit] ?? NaN)
  return seconds > 0 && seconds < Infinity ? { seconds } : undefined
}

function inSteps(steps: number): CheckpointInterval | undefined {
  return Number.isSafeInteger(steps) && steps >= 1 ? { steps } : undefined
}

export const checkpointInterval: Rule = {
  expected: 'a number of steps from 1 (1000), or a time (30s, 5m, 1h)',
  holds: (value) => parseCheckpointInterval(value) !== undefined,
}
