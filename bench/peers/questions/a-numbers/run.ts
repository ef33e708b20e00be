import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { spread } from '../../../measure.js'
import { compileProgram, runNode } from '../../../program.js'
import type { Answer, Claim, Question, Settings, Table } from '../../answer.js'
import { contenders } from '../../contenders.js'
import { numericColumns, numericFile, rowsOf } from '../../data.js'
import { onePass, type Job } from '../../job.js'
import { bars, claims, race, raceNotes, raceTable, versionsOf } from '../../race.js'

const ROWS = 10_000_000
const ROWS_OF_LONG = 2_000_000
const AGREED = 0.463
const mostRows = {
  PyTorch: 1_000_000,
  'TensorFlow.js': 300_000,
  'brain.js': 50_000,
  'csv-parse and a loop': 300_000,
}

export function numericJob(train: string, { folder }: Settings, more: Partial<Job> = {}): Job {
  return {
    train,
    heldOut: numericFile(100_000, '4', 7),
    target: 'y',
    numbers: numericColumns,
    categories: [],
    ...onePass,
    folder,
    ...more,
  }
}

/** Seconds of reading a file in pieces of 1 MiB, and doing something with each. */
function readThrough(file: string, use: (bytes: Buffer) => void): number {
  const buffer = Buffer.alloc(1 << 20)
  const descriptor = openSync(file, 'r')
  const started = performance.now()
  for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
    use(buffer.subarray(0, length))
  }
  closeSync(descriptor)
  return (performance.now() - started) / 1000
}

function countLineBreaks(bytes: Buffer): void {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1));
}

/** MB/s of a plain read, of counting line breaks (both on one thread), of the parse kernel alone on all cores, and of the run. */
async function ceiling(
  file: string,
  bytes: number,
  seconds: number,
  repeat: number,
): Promise<{ table: Table; claim: Claim }> {
  const program = compileProgram('train/parse-ceiling.ts')
  const speeds: Record<string, number[]> = { read: [], count: [], kernel: [] }
  for (let i = 0; i < repeat; i++) {
    speeds['read']!.push(bytes / readThrough(file, () => undefined))
    speeds['count']!.push(bytes / readThrough(file, countLineBreaks))
    const { output } = await runNode([program, file, '2'])
    const pass = JSON.parse(output) as { seconds: number; bytes: number }
    speeds['kernel']!.push(pass.bytes / pass.seconds)
  }
  const [read, count, kernel] = Object.values(speeds).map((all) => spread(all).median) as [
    number,
    number,
    number,
  ]
  const run = bytes / seconds
  const row = (name: string, speed: number): string[] => [
    name,
    (speed / 1e6).toFixed(0),
    `${((100 * run) / speed).toFixed(0)} %`,
  ]
  const table = {
    title: 'The ceiling, 4 decimals',
    head: ['', 'MB/s', 'millrace reaches'],
    rows: [
      row('a plain read, one thread', read),
      row('counting line breaks, one thread', count),
      row('the parse kernel alone, two threads, bytes in memory', kernel),
      row('millrace, whole process', run),
    ],
  }
  return {
    table,
    claim: {
      what: 'share of what the parse kernel alone does on both cores',
      value: run / kernel,
      atLeast: 0.7,
    },
  }
}

export const question: Question = {
  id: 'a',
  async answer(settings): Promise<Answer> {
    const file = numericFile(Math.round(ROWS * settings.scale))
    const options = { repeat: settings.repeat, mostRows, agreedLoss: AGREED }
    const racers = await race(numericJob(file, settings), contenders, options)
    const long = numericFile(Math.round(ROWS_OF_LONG * settings.scale), 'long')
    const longRacers = await race(numericJob(long, settings), contenders.slice(0, 3), options)
    const own = racers.find(({ name }) => name === 'millrace')!.seconds!
    const { size } = statSync(file)
    const { table, claim } = await ceiling(file, size, own.median, settings.repeat)
    return {
      id: 'a',
      title: 'Cold start, a CSV of numbers',
      text: `${rowsOf(file).toLocaleString('en')} rows × 28 numbers with 4 decimals, ${(size / 1e9).toFixed(2)} GB; logistic, one pass, linear. Seconds from the start of the process until it has learned from every row; for millrace until it has ended.`,
      tables: [
        raceTable(racers),
        { ...raceTable(longRacers), title: `19 digits, ${rowsOf(long).toLocaleString('en')} rows` },
        table,
      ],
      claims: [
        ...claims(racers, {
          'scikit-learn': 10,
          'Vowpal Wabbit': 8,
          'TensorFlow.js': 25,
          'brain.js': 100,
          'DuckDB, reading only': 1,
        }),
        claim,
      ],
      notes: raceNotes(racers, AGREED),
      chart: { title: 'Seconds to learn from 28 numbers a row', unit: 's', bars: bars(racers) },
      versions: versionsOf(racers),
    }
  },
}
