/**
 * Exponential mean over about `span` points, without the pull to 0 at the beginning:
 * m ← (1 − a)·m + a·y, shown as m / (1 − (1 − a)ⁿ), a = 2 / (span + 1).
 */
export function smooth(values: readonly number[], span: number): number[] {
  const a = 2 / (Math.max(1, span) + 1)
  let mean = 0
  let weight = 0
  return values.map((value) => {
    if (Number.isFinite(value)) {
      mean += a * (value - mean)
      weight += a * (1 - weight)
    }
    return weight > 0 ? mean / weight : value
  })
}

/** How many points a curve of so many is smoothed over. */
export function smoothingSpan(points: number): number {
  return Math.min(60, Math.max(1, points / 20))
}
