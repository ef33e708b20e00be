/** Curves of a run in bounded memory. */

/** Values at neighbouring steps, as one point. */
export interface CurvePoint {
  from: number
  to: number
  /** The middle of the steps from … to. */
  step: number
  mean: number
  low: number
  high: number
  /** How many; those that are not finite are not counted. */
  count: number
}

const MOST_POINTS = 4096

/**
 * A curve that is thinned as it grows: whenever it has too many points, neighbours become one that keeps their mean and their
 * extremes. A value that is not finite makes a gap where it is alone.
 */
export class Curve {
  points: CurvePoint[] = []
  private perPoint = 1
  private pending: CurvePoint | undefined
  private pendingValues = 0

  add(step: number, value: number): void {
    const point = Number.isFinite(value)
      ? { from: step, to: step, step, mean: value, low: value, high: value, count: 1 }
      : { from: step, to: step, step, mean: NaN, low: NaN, high: NaN, count: 0 }
    this.pending = this.pending === undefined ? point : merged(this.pending, point)
    if (++this.pendingValues < this.perPoint) return
    this.finish()
    if (this.points.length < MOST_POINTS) return
    const points = this.points
    this.points = Array.from({ length: points.length / 2 }, (_, i) =>
      merged(points[2 * i]!, points[2 * i + 1]!),
    )
    this.perPoint *= 2
  }

  /** The values that do not fill a point become one. */
  finish(): void {
    if (this.pending !== undefined) this.points.push(this.pending)
    this.pending = undefined
    this.pendingValues = 0
  }
}

function merged(a: CurvePoint, b: CurvePoint): CurvePoint {
  const steps = { from: a.from, to: b.to, step: (a.from + b.to) / 2 }
  if (a.count === 0) return { ...b, ...steps }
  if (b.count === 0) return { ...a, ...steps }
  const count = a.count + b.count
  return {
    ...steps,
    mean: (a.mean * a.count + b.mean * b.count) / count,
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    count,
  }
}

/**
 * Means over a window that moves, of `share` of the points: as many before as after; narrower at the start, where a loss falls
 * steeply, and at the end of those before alone.
 */
export function smoothed(points: readonly CurvePoint[], share: number): CurvePoint[] {
  const half = Math.floor((points.length * share) / 2)
  const sums = [{ sum: 0, count: 0 }]
  for (const { mean, count } of points) {
    const last = sums.at(-1)!
    sums.push(count === 0 ? last : { sum: last.sum + mean * count, count: last.count + count })
  }
  return points.map((point, i) => {
    const reach = Math.min(half, i)
    const from = sums[i - reach]!
    const to = sums[Math.min(points.length, i + reach + 1)]!
    const count = to.count - from.count
    const mean = count === 0 ? NaN : (to.sum - from.sum) / count
    return { ...point, mean, low: mean, high: mean, count }
  })
}
