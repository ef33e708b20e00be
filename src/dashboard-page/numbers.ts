/** What a table and a line of text say of numbers that may be missing: JSON has no NaN. */
import { formatCount, formatMetric } from '../report/format.js'

export function metric(value: number | null | undefined): string {
  return value == null ? '–' : formatMetric(value)
}

export function count(value: number | null | undefined): string {
  return value == null ? '–' : formatCount(value)
}

/** At the marks of an axis: `0.48`, `1.5 M`. */
export function axisNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  for (const [unit, name] of [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ] as const) {
    if (size >= unit) return Number((value / unit).toPrecision(4)) + name
  }
  return size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(4)))
}
