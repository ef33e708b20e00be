import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { spread } from '../../../measure.js'
import { compileProgram, runNode } from '../../../program.js'
import type { Answer, Claim, Question, Settings, Table } from '../../answer.js'
import { contenders, millrace } from '../../contenders.js'
import { numericColumns, numericFile, prefix, rowsOf } from '../../data.js'
import { onePass, type Job } from '../../job.js'
import { bars, claims, race, raceNotes, raceTable, versionsOf } from '../../race.js'

const ROWS = 20_000_000
const ROWS_OF_LONG = 2_000_000
const AGREED = 0.463
const mostRows = {
  PyTorch: 1_000_000,
  'TensorFlow.js': 300_000,
  'brain.js': 300_000,
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

/**
 * MB/s of a plain read, of counting line breaks (both on one thread), of the parse kernel alone on all cores, and of runs, in turns
 * with these; of runs also without what a run of a few rows takes.
 */
async function ceiling(job: Job, bytes: number, repeat: number): Promise<{ table: Table; claim: Claim }> {
  const { train: file } = job
  const few = prefix(file, 150)
  const program = compileProgram('train/parse-ceiling.ts')
  const secondsOf = async (train: string): Promise<number> => (await millrace.run({ ...job, train })).seconds
  const all = { read: [], count: [], kernel: [], run: [], start: [] } as Record<string, number[]>
  for (let i = 0; i < repeat; i++) {
    all['read']!.push(readThrough(file, () => undefined))
    all['count']!.push(readThrough(file, countLineBreaks))
    const { output } = await runNode([program, file, '2'])
    const pass = JSON.parse(output) as { seconds: number; bytes: number }
    all['kernel']!.push((pass.seconds * bytes) / pass.bytes)
    all['run']!.push(await secondsOf(file))
    all['start']!.push(await secondsOf(few))
  }
  const median = (name: string): number => spread(all[name]!).median
  const start = median('start')
  const [read, count, kernel, run] = ['read', 'count', 'kernel', 'run'].map(
    (name) => bytes / median(name),
  ) as [number, number, number, number]
  const beyondStart = bytes / (median('run') - start)
  const row = (name: string, speed: number): string[] => [
    name,
    (speed / 1e6).toFixed(0),
    `${((100 * run) / speed).toFixed(0)} %`,
    `${((100 * beyondStart) / speed).toFixed(0)} %`,
  ]
  const table = {
    title: 'The ceiling, 4 decimals',
    head: ['', 'MB/s', 'millrace reaches', `without its start of ${start.toFixed(2)} s`],
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
      inTheWay:
        'reading from the page cache and learning take their turns on the same two cores, and for the first 0.2 s nothing is parsed yet (DECISIONS.md, 51)',
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
    const { size } = statSync(file)
    const { table, claim } = await ceiling(numericJob(file, settings), size, settings.repeat)
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
        ...claims(
          racers,
          {
            'scikit-learn': 10,
            'Vowpal Wabbit': 8,
            'TensorFlow.js': 25,
            'brain.js': 100,
            'DuckDB, reading only': 1,
          },
          {
            'brain.js':
              'most of its time is that of csv-parse, which feeds it; a hundredth of it is about what the parse kernel alone takes on both cores',
          },
        ),
        claim,
      ],
      notes: raceNotes(racers, AGREED),
      chart: { title: 'Seconds to learn from 28 numbers a row', unit: 's', bars: bars(racers) },
      versions: versionsOf(racers),
    }
  },
}
