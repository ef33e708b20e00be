import { formatBytes, formatSeconds, formatShort } from '../report/format.js'
import { Chart } from './chart.js'
import { byId, setText } from './dom.js'
import type { Run } from './runs.js'

/** Newest samples that the speed of now is taken over. */
const RECENT = 8

export interface Speed {
  readonly rows: number
  readonly bytes: number
}

/** Samples that a point of the curves is taken over: bytes are counted by the block, which comes in jumps. */
const WINDOW = 4

/** Rows and bytes a second over the samples before each. */
export function rates({ rates: { seconds, rows, bytes } }: Run): {
  x: number[]
  rows: number[]
  bytes: number[]
} {
  const between = (sums: readonly number[]): number[] =>
    seconds.slice(1).map((second, i) => {
      const from = Math.max(0, i + 1 - WINDOW)
      return (sums[i + 1]! - sums[from]!) / Math.max(1e-9, second - seconds[from]!)
    })
  return { x: seconds.slice(1), rows: between(rows), bytes: between(bytes) }
}

/** Over the last seconds; undefined before there is a sample. */
export function speedNow({ rates: { seconds, rows, bytes } }: Run): Speed | undefined {
  const to = seconds.length - 1
  const from = Math.max(0, to - RECENT)
  const span = (seconds[to] ?? 0) - (seconds[from] ?? 0)
  if (!(span > 0)) return undefined
  return { rows: (rows[to]! - rows[from]!) / span, bytes: (bytes[to]! - bytes[from]!) / span }
}

export class Throughput {
  readonly #chart = new Chart(byId('rate-chart'))

  show(run: Run): void {
    const { x, rows, bytes } = rates(run)
    this.#chart.show(
      [
        { key: 'rows', x, y: rows, color: 'train', width: 2, scale: 'y' },
        { key: 'bytes', x, y: bytes, color: 'progressive', width: 1.5, dash: [6, 4], scale: 'y2' },
      ],
      {
        isLog: false,
        isFromZero: true,
        xLabel: 'seconds',
        formatX: formatSeconds,
        formatY: formatShort,
        formatY2: (value) => `${formatBytes(value)}/s`,
      },
    )
    const speed = speedNow(run)
    if (speed === undefined) return
    setText(byId('rate-rows'), `${formatShort(speed.rows)} rows/s`)
    setText(byId('rate-bytes'), `${formatBytes(speed.bytes)}/s`)
    const most = rows.reduce((a, b) => Math.max(a, b), 0)
    setText(
      byId('rate-text'),
      `Now ${formatShort(speed.rows)} rows and ${formatBytes(speed.bytes)} a second; at most ${formatShort(most)} rows a second.`,
    )
  }
}
