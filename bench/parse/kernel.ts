/**
 * The parse kernel alone, shape by shape, for work on the kernel itself: MB/s and nanoseconds a field, the best of many
 * short runs, beside fast-csv on the first part of the same bytes. `npx tsx --no-liftoff bench/parse/kernel.ts` leaves
 * out V8's first, slower compiler.
 */
import { mustAgree } from '../agree.js'
import { machine } from '../machine.js'
import { printTable } from '../print.js'
import type { Contender } from './contender.js'
import { fastCsv } from './fast-csv.js'
import { millraceKernel } from './millrace.js'
import type { Kind, Sample } from './shapes.js'

const BYTES = 1_000_000
/** fast-csv is some fifty times slower, and gets this much. */
const FAST_CSV_BYTES = 400_000
const RUNS = 200

let state = 1
/** 0 ≤ x < 1: Numerical Recipes' linear congruence, enough to vary digits. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

/** Roughly normal, between −6 and 6. */
function bell(): number {
  return Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6
}

/** As numpy's savetxt writes it: 19 digits and an exponent of two. */
function long(): string {
  const [digits = '', exponent = '0'] = bell().toExponential(18).split('e')
  return `${digits}e${Number(exponent) < 0 ? '-' : '+'}${exponent.slice(1).padStart(2, '0')}`
}

const count = (): string => String(Math.floor(random() ** 3 * 5000))
const hexadecimal = (): string =>
  Math.floor(random() ** 2 * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
const short = (): string => bell().toFixed(4)

interface Shape {
  name: string
  fields: readonly (() => string)[]
  lineBreak: '\n' | '\r\n'
}

const times = (number: number, field: () => string): (() => string)[] =>
  Array.from({ length: number }, () => field)
const SHAPES: readonly Shape[] = [
  { name: '28 numbers, 4 decimals', fields: times(28, short), lineBreak: '\n' },
  { name: 'the same, all quoted, CRLF', fields: times(28, () => `"${short()}"`), lineBreak: '\r\n' },
  { name: '28 numbers, 19 digits', fields: times(28, long), lineBreak: '\n' },
  { name: '28 numbers as JavaScript prints them', fields: times(28, () => String(bell())), lineBreak: '\n' },
  {
    name: '13 counts, 26 categories',
    fields: [...times(13, count), ...times(26, hexadecimal)],
    lineBreak: '\n',
  },
]

function sampleOf({ name, fields, lineBreak }: Shape, bytes: number): Sample {
  const rows = [fields.map((_, i) => `c${i}`).join(',') + lineBreak]
  let length = 0
  while (length < bytes) {
    const row = fields.map((field) => field()).join(',') + lineBreak
    rows.push(row)
    length += row.length
  }
  const columns = fields.map((field): Kind => (field === hexadecimal ? 'text' : 'number'))
  return { name, bytes: Buffer.from(rows.join('')), headerBytes: rows[0]?.length ?? 0, columns, lineBreak }
}

/** Least seconds of one run, and the rows of it. */
async function best(
  contender: Contender,
  sample: Sample,
  runs: number,
): Promise<{ seconds: number; rows: number }> {
  const { parse } = contender.open(sample)
  let seconds = Infinity
  let rows = 0
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now()
    rows = await parse()
    seconds = Math.min(seconds, (performance.now() - start) / 1000)
  }
  return { seconds, rows }
}

/** The same rows and the same sum of every column, to the last bit. */
async function checkAgreement(sample: Sample): Promise<void> {
  const [kernel, oracle] = [millraceKernel.open(sample), fastCsv.open(sample)]
  mustAgree(`the rows of "${sample.name}"`, await oracle.parse(), await kernel.parse())
  mustAgree(
    `the sums of "${sample.name}"`,
    String(await oracle.columnSums()),
    String(await kernel.columnSums()),
  )
}

const table: string[][] = []
for (const shape of SHAPES) {
  const small = sampleOf(shape, FAST_CSV_BYTES)
  await checkAgreement(small)
  const sample = sampleOf(shape, BYTES)
  const kernel = await best(millraceKernel, sample, RUNS)
  const oracle = await best(fastCsv, small, 6)
  const speed = sample.bytes.length / 1e6 / kernel.seconds
  const oracleSpeed = small.bytes.length / 1e6 / oracle.seconds
  const nanoseconds = (kernel.seconds * 1e9) / kernel.rows / shape.fields.length
  const figures = [
    speed.toFixed(0),
    nanoseconds.toFixed(1),
    oracleSpeed.toFixed(0),
    (speed / oracleSpeed).toFixed(0),
  ]
  table.push([shape.name, ...figures])
}
process.stdout.write(`${machine()}\n\n`)
printTable(['', 'MB/s', 'ns a field', 'fast-csv MB/s', 'ratio'], table)
