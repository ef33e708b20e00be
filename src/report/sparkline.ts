/** The course of a number, small: in one line of text. */

/** Points that are kept; a sparkline has fewer cells. */
const MOST_POINTS = 256
/** Share of the cells that are clipped at the top: a loss falls steeply at first, and what follows is to be seen. */
const CLIPPED = 0.06
/** Of fewer, none is. */
const FEWEST_CLIPPED = 6

/** A course of numbers in bounded memory: means over runs of equal length, which doubles whenever there are too many. */
export class Course {
  private points: number[] = []
  private runLength = 1
  private sum = 0
  private count = 0

  /** Numbers that are not finite are passed over. */
  add(value: number): void {
    if (!Number.isFinite(value)) return
    this.sum += value
    if (++this.count < this.runLength) return
    this.points.push(this.sum / this.count)
    this.sum = 0
    this.count = 0
    if (this.points.length < MOST_POINTS) return
    this.points = inCells(this.points, MOST_POINTS / 2)
    this.runLength *= 2
  }

  /** The course in at most so many means, the oldest first. */
  means(most: number): number[] {
    const points = this.count === 0 ? this.points : [...this.points, this.sum / this.count]
    return points.length <= most ? points : inCells(points, most)
  }
}

function inCells(points: readonly number[], cells: number): number[] {
  return Array.from({ length: cells }, (_, i) => {
    const own = points.slice(
      Math.floor((i * points.length) / cells),
      Math.floor(((i + 1) * points.length) / cells),
    )
    return own.reduce((sum, point) => sum + point, 0) / own.length
  })
}

/** One character for each value; `levels`: from that for the smallest to that for the greatest. */
export function sparkline(values: readonly number[], levels: string): string {
  const falling = [...values].sort((a, b) => b - a)
  const clipped = values.length < FEWEST_CLIPPED ? 0 : Math.ceil(values.length * CLIPPED)
  const top = falling[clipped]!
  const bottom = falling.at(-1)!
  const characters = [...levels]
  const highest = characters.length - 1
  return values
    .map((value) => {
      const height = top > bottom ? (value - bottom) / (top - bottom) : 0
      return characters[Math.min(highest, Math.round(height * highest))]!
    })
    .join('')
}
