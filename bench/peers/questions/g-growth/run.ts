import { readFileSync } from 'node:fs'
import path from 'node:path'
import { spread } from '../../../measure.js'
import { compileProgram, millrace, runNode } from '../../../program.js'
import type { Answer, Question } from '../../answer.js'
import { millraceOptions } from '../../contenders.js'
import { numericFile, prefix, rowsOf } from '../../data.js'
import { numericJob } from '../a-numbers/run.js'

/** The slope of log(seconds) over log(rows), by least squares. */
function slope(points: readonly { rows: number; seconds: number }[]): number {
  const x = points.map(({ rows }) => Math.log(rows))
  const y = points.map(({ seconds }) => Math.log(seconds))
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const products = x.map((value, i) => (value - mx) * (y[i]! - my))
  return mean(products) / mean(x.map((value) => (value - mx) ** 2))
}

interface Point {
  readonly rows: number
  readonly seconds: number
}

/** Seconds that a million rows more take, between two points above 10^6 rows. */
function further(from: Point | undefined, to: Point): number | undefined {
  if (from === undefined || from.rows < 1e6) return undefined
  return ((to.seconds - from.seconds) / (to.rows - from.rows)) * 1e6
}

export const question: Question = {
  id: 'g',
  async answer(settings): Promise<Answer> {
    const { repeat, full, scale, folder } = settings
    const largest = numericFile(Math.round(1e7 * scale))
    const files = [1, 3, 10].map((share) => prefix(largest, Math.round(1e6 * scale * share)))
    const small = [1e2, 1e4, 1e5].map((rows) => prefix(largest, rows))
    // A file of 10^8 rows would not stay in the page cache: the same one is given several times.
    const inputs = [...small, ...files].map((file) => ({ file, times: 1 }))
    if (scale === 1) inputs.push({ file: largest, times: 3 })
    if (full) inputs.push({ file: largest, times: 10 })
    const peakFile = path.join(folder, 'peak')
    const preload = compileProgram('memory/report-peak.ts')
    const points: (Point & { readonly peak: number })[] = []
    for (const { file, times } of inputs) {
      const rows = rowsOf(file) * times
      const seconds: number[] = []
      const peaks: number[] = []
      const [command, ...rest] = millraceOptions(numericJob(file, settings))
      const options = [
        command!,
        ...Array.from({ length: times - 1 }, () => file),
        ...rest,
        '-o',
        path.join(folder, 'growth.safetensors'),
      ]
      for (let i = 0; i < (rows > 2e7 ? Math.min(3, repeat) : repeat); i++) {
        seconds.push((await runNode([millrace, ...options])).seconds)
        await runNode(['--import', preload, millrace, ...options], {
          environment: { MILLRACE_BENCH_PEAK: peakFile },
        })
        peaks.push(Number(readFileSync(peakFile, 'latin1')) / 1e6)
      }
      points.push({ rows, seconds: spread(seconds).median, peak: spread(peaks).median })
    }
    const start = points[0]!.seconds
    const large = points.slice(small.length)
    const beyondStart = large.map(({ rows, seconds }) => ({ rows, seconds: seconds - start }))
    return {
      id: 'g',
      title: 'Growth',
      text: `28 numbers a row, one pass, whole processes. Beyond 10^7 rows the same file is given several times, and timed three times at most. "Beyond the start" is without the ${start.toFixed(2)} s that a hundred rows take.`,
      tables: [
        {
          head: ['rows', 'seconds', 'million rows/s', 'seconds a further million', 'peak MB'],
          rows: points.map(({ rows, seconds, peak }, i) => [
            rows.toLocaleString('en'),
            seconds.toFixed(2),
            (rows / seconds / 1e6).toFixed(2),
            further(points[i - 1], { rows, seconds })?.toFixed(3) ?? '',
            peak.toFixed(0),
          ]),
        },
      ],
      claims: [
        {
          what: 'slope in log–log above 10^6 rows, beyond the start',
          value: slope(beyondStart),
          atLeast: 0.97,
          atMost: 1.03,
          inTheWay:
            'the first million rows take longer than a later one, because WebAssembly and JavaScript are compiled as they run and memory is touched for the first time; the column of seconds a further million shows the rest',
        },
        {
          what: 'the same with the start',
          value: slope(large),
          atLeast: 0.97,
          atMost: 1.03,
          inTheWay: `the time is ${start.toFixed(2)} s and as much again for each row as for any other: no power of the rows, but a straight line that does not go through 0`,
        },
        {
          what: 'peak memory of the most rows / of 10^6',
          value: points.at(-1)!.peak / large[0]!.peak,
          atMost: 1.1,
        },
      ],
      notes: [],
      chart: {
        title: 'Million rows a second, by rows',
        unit: 'M/s',
        bars: points.map(({ rows, seconds }) => ({
          name: rows.toLocaleString('en'),
          value: rows / seconds / 1e6,
        })),
        sorted: false,
      },
      versions: {},
    }
  },
}
