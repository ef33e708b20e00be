// What the JavaScript programs share: the job, rows of a CSV from csv-parse, what they say, the log loss.
import { createReadStream, readFileSync } from 'node:fs'
import { parse } from 'csv-parse'

export const job = JSON.parse(readFileSync(process.argv[2], 'utf8'))

/** Rows of a file as { numbers, categories, label }; a missing number is NaN. */
export async function* rowsOf(path) {
  const rows = createReadStream(path, { highWaterMark: 1 << 20 }).pipe(parse())
  let places
  for await (const fields of rows) {
    if (places === undefined) {
      const place = (name) => fields.indexOf(name)
      places = {
        numbers: job.numbers.map(place),
        categories: job.categories.map(place),
        target: place(job.target),
      }
      continue
    }
    yield {
      numbers: places.numbers.map((i) => (fields[i] === '' ? NaN : Number(fields[i]))),
      categories: places.categories.map((i) => fields[i]),
      label: Number(fields[places.target]),
    }
  }
}

/** Scales numbers to mean 0 and deviation 1, by the first rows; a missing one becomes 0. */
export class Scaler {
  constructor(rows) {
    this.scales = job.numbers.map((_, i) => {
      const known = rows.map(({ numbers }) => numbers[i]).filter((x) => !Number.isNaN(x))
      const mean = known.reduce((sum, x) => sum + x, 0) / Math.max(1, known.length)
      const variance = known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, known.length)
      return { mean, inverse: variance > 0 ? 1 / Math.sqrt(variance) : 1 }
    })
  }

  scaled(numbers) {
    return numbers.map((x, i) => (Number.isNaN(x) ? 0 : (x - this.scales[i].mean) * this.scales[i].inverse))
  }
}

export function logLoss(probability, label) {
  const p = Math.min(Math.max(probability, 1e-7), 1 - 1e-7)
  return label === 1 ? -Math.log(p) : -Math.log(1 - p)
}

export function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

export const SAMPLE_ROWS = 10_000
