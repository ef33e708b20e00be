import type { Schedule } from './schedule.js'

/**
 * A linear rise in front of a schedule, over a number of steps.
 *
 *     lr(t) = base(1) · t / (n + 1)   for t ≤ n
 *     lr(t) = base(t − n)             after that
 *
 * n: steps below the full rate, a whole number ≥ 0; with 0 it is the schedule itself.
 * Source: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2.
 */
export function warmUp(base: Schedule, n: number): Schedule {
  if (n === 0) return base
  const slope = base.rate(1) / (n + 1)
  return { ...base, rate: (step) => (step <= n ? slope * step : base.rate(step - n)) }
}
