/**
 * The share of a run of T steps that is behind when a step begins, (t − 1) / T: 0 at the first step, below 1 at the last.
 * The number of steps is an estimate where the rows have not been counted: beyond it the share stays.
 */
export function stepsDone(steps: number): (step: number) => number {
  return (step) => Math.min(step - 1, steps - 1) / steps
}
